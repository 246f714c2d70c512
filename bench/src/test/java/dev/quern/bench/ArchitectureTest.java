package dev.quern.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** The borders between modules, packages and drivers that the architecture draws. This module sees all the others. */
@AnalyzeClasses(packages = "dev.quern", importOptions = {ImportOption.DoNotIncludeTests.class,
        ArchitectureTest.WithoutTestJars.class})
class ArchitectureTest {
    /** Once the modules are packaged, their tests lie in jars, which the usual option does not know. */
    static final class WithoutTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.matches(Pattern.compile(".*-tests\\.jar.*"));
        }
    }

    private static final List<String> MODULES = List.of("runtime", "kernels", "graph", "layers", "examples", "bench");

    @ArchTest
    static void everyModuleIsLookedAt(JavaClasses classes) {
        assertThat(MODULES).allSatisfy(module -> assertThat(classes)
                .anyMatch(type -> type.getPackageName().startsWith("dev.quern." + module)));
    }

    @ArchTest
    static final ArchRule modulesSeeOnlyThoseBelowThem = layeredArchitecture().consideringOnlyDependenciesInLayers()
            .layer("runtime").definedBy("dev.quern.runtime..")
            .layer("kernels").definedBy("dev.quern.kernels..")
            .layer("graph").definedBy("dev.quern.graph..")
            .layer("layers").definedBy("dev.quern.layers..")
            .layer("examples").definedBy("dev.quern.examples..")
            .layer("bench").definedBy("dev.quern.bench..")
            .whereLayer("bench").mayNotBeAccessedByAnyLayer()
            .whereLayer("examples").mayOnlyBeAccessedByLayers("bench")
            .whereLayer("layers").mayOnlyBeAccessedByLayers("examples", "bench")
            .whereLayer("graph").mayOnlyBeAccessedByLayers("layers", "examples", "bench")
            .whereLayer("kernels").mayOnlyBeAccessedByLayers("graph", "layers", "examples", "bench");

    @ArchTest
    static final ArchRule packagesFormNoCycle = slices().assignedFrom(new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "every package";
        }
    }).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule onlyTheOpenClPackageNamesJocl = noClasses().that().resideOutsideOfPackage("dev.quern.runtime.opencl")
            .should().dependOnClassesThat().resideInAPackage("org.jocl..");

    @ArchTest
    static final ArchRule onlyTheCudaPackageNamesJCuda = noClasses().that().resideOutsideOfPackage("dev.quern.runtime.cuda")
            .should().dependOnClassesThat().resideInAPackage("jcuda..");

    @ArchTest
    static final ArchRule devicesAreReachedThroughTheInterface = noClasses().that()
            .resideOutsideOfPackage("dev.quern.runtime..").should().dependOnClassesThat()
            .resideInAnyPackage("dev.quern.runtime.opencl..", "dev.quern.runtime.host..", "dev.quern.runtime.internal..");

    @ArchTest
    static final ArchRule librariesDrawNoProgressBarsAndReadNoCommandLines = noClasses().that()
            .resideInAnyPackage("dev.quern.runtime..", "dev.quern.kernels..", "dev.quern.graph..", "dev.quern.layers..")
            .should().dependOnClassesThat().resideInAnyPackage("picocli..", "me.tongfei..");
}
