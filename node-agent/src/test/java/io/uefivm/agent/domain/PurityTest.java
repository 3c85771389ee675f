package io.uefivm.agent.domain;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** The same input gives the same XML on every host and at any time: nothing else may be asked. */
class PurityTest {
    @Test
    void asksNeitherHostNorClusterNorClock() {
        var domain = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.uefivm.agent.domain");

        classes()
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                                "io.uefivm.agent.domain",
                                "io.uefivm.api.v1alpha1",
                                "io.fabric8.kubernetes.api.model",
                                "java.lang..",
                                "java.math",
                                "java.nio.charset",
                                "java.security",
                                "java.util..",
                                "javax.xml..",
                                "org.jspecify.annotations",
                                "org.w3c.dom",
                                "org.xml.sax")
                        .or(belongToAnyOf(StringReader.class, StringWriter.class, IOException.class)))
                .check(domain);
    }
}
