package io.uefivm.agent.varstore;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.File;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** The library stays bytes in, bytes out, so that it can be trusted with hostile bytes and tested without a machine. */
class PurityTest {
    private final JavaClasses library = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.uefivm.agent.varstore");

    @Test
    void theLibraryNeedsNothingButTheJdkAndNoFileSystem() {
        classes()
                .that()
                .resideInAPackage("io.uefivm.agent.varstore")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.uefivm.agent.varstore",
                        "java.lang..",
                        "java.util..",
                        "java.io",
                        "java.nio.charset",
                        "java.security..",
                        "javax.security.auth.x500",
                        "java.time",
                        "org.jspecify.annotations")
                .check(library);
    }

    @Test
    void theLibraryHasNoClockAndOpensNoFile() {
        classes()
                .that()
                .resideInAPackage("io.uefivm.agent.varstore")
                .should()
                .onlyDependOnClassesThat()
                .areNotAssignableTo(Clock.class)
                .andShould()
                .onlyDependOnClassesThat()
                .areNotAssignableTo(File.class)
                .check(library);
    }
}
