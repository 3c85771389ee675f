package io.uefivm.agent.declared;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The same spec, content and store give the same store on every host: nothing else may be asked. */
class PurityTest {
    @Test
    void asksNeitherHostNorClusterNorClock() {
        var declared = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.uefivm.agent.declared");

        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "io.uefivm.agent.declared",
                        "io.uefivm.agent.varstore",
                        "io.uefivm.api.v1alpha1",
                        "java.lang..",
                        "java.nio.charset",
                        "java.util..",
                        "org.jspecify.annotations"))
                .check(declared);
    }
}
