package io.uefivm.operator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PurityTest {
    private static final String[] PURE = {
        "io.uefivm.operator.vm.plan..", "io.uefivm.operator.vm.model..", "io.uefivm.operator.vm.pod.."
    };
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.uefivm.operator");

    @Test
    void whatDecidesDoesNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "io.javaoperatorsdk..", "java.io..", "java.nio.file..", "java.net..", "org.slf4j..")
                        .or(resideInAPackage("io.fabric8.kubernetes.client..")
                                .and(not(equivalentTo(CustomResource.class)))))
                .because("a plan must follow from what was seen alone: then every restart of the operator comes to the"
                        + " same plan, and a table of sights and plans tests all of it without a cluster")
                .check(CLASSES);
    }

    @Test
    void whatDecidesIsToldTheTime() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .because("back-off and time limits have to be testable to the second, and a reconcile has one now")
                .check(CLASSES);
    }

    @Test
    void decisionsDoNotKnowWhoCarriesThemOut() {
        classes()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .onlyDependOnClassesThat(not(resideInAnyPackage(
                                "io.uefivm.operator.vm", "io.uefivm.operator.host", "io.uefivm.operator"))
                        .or(resideInAnyPackage(PURE)))
                .because("input and output depend on decisions, never the other way round")
                .check(CLASSES);
    }
}
