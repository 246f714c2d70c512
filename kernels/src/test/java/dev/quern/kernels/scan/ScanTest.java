package dev.quern.kernels.scan;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.PastCaches;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of running totals against the reference. */
class ScanTest {
    private static double tolerance(ScanProblem problem) {
        return problem.length() > 1000 ? 1e-4 : 1e-5;
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        KernelCheck.of(new ScanFamily()).tolerance(ScanTest::tolerance).problems(
                new ScanProblem(ReduceOp.SUM, 3, 5, 7, false, false), new ScanProblem(ReduceOp.SUM, 2, 77, 1, false, true),
                new ScanProblem(ReduceOp.SUM, 1, 20_011, 1, true, false), new ScanProblem(ReduceOp.SUM, 1, 4099, 19, true, true),
                new ScanProblem(ReduceOp.MAX, 9, 40, 33, false, false), new ScanProblem(ReduceOp.MIN, 1, 300, 1, true, true),
                new ScanProblem(ReduceOp.SUM, 12, 80, 1, true, false), new ScanProblem(ReduceOp.MAX, 8, 48, 1, false, true),
                new ScanProblem(ReduceOp.SUM, 1, 32_768, 1, true, true), new ScanProblem(ReduceOp.SUM, 2, 43, 48, true, true),
                new ScanProblem(ReduceOp.SUM, 2, 4112, 1, false, true), new ScanProblem(ReduceOp.SUM, 71, 57, 1, true, true),
                new ScanProblem(ReduceOp.MIN, 64, 30, 1, false, false),
                new ScanProblem(ReduceOp.PROD, 4, 20, 1, false, false)).run(TestDevices.shared(id));
    }

    /** More than the caches keep: stores pass them by, in whole lines, wherever rows begin. */
    @Test
    void resultsPastTheCachesAgreeToo() {
        KernelCheck.of(new ScanFamily()).only("vector_cpu", "chained_cpu").partial().tolerance(ScanTest::tolerance).problems(
                new ScanProblem(ReduceOp.SUM, 1, 8_400_003, 1, false, true), new ScanProblem(ReduceOp.SUM, 1, 8_400_003, 1, true, false),
                new ScanProblem(ReduceOp.SUM, 2901, 2897, 1, true, true), new ScanProblem(ReduceOp.MAX, 31, 90, 3011, false, false))
                .run(TestDevices.shared("opencl:0"));
    }

    /** Rows of half a line more than whole ones, in one tile and in several, forwards and backwards. */
    private static List<ScanProblem> halfLines() {
        return List.of(new ScanProblem(ReduceOp.SUM, 1, 12, 1000, false, false), new ScanProblem(ReduceOp.SUM, 1, 8, 1000, true, true),
                new ScanProblem(ReduceOp.MAX, 3, 4, 2056, false, true), new ScanProblem(ReduceOp.SUM, 2, 8, 5000, true, false),
                new ScanProblem(ReduceOp.PROD, 5, 4, 24, false, false), new ScanProblem(ReduceOp.MIN, 4, 16, 8, false, true),
                new ScanProblem(ReduceOp.SUM, 2, 8, 8, true, false));
    }

    private static void checkHalfLines(Device device) {
        System.setProperty(PastCaches.BYTES, "1");
        try {
            KernelCheck.of(new ScanFamily()).only("vector_cpu").partial().tolerance(ScanTest::tolerance).problems(halfLines()).run(device);
        } finally {
            System.clearProperty(PastCaches.BYTES);
        }
    }

    @Test
    void wholeLinesAreStoredWhereEveryOtherRowBeginsInTheMiddleOfOne() {
        checkHalfLines(TestDevices.shared("opencl:0"));
    }

    @Test
    @Tag("oclgrind")
    void suchRowsStayWithinTheirBuffers() {
        checkHalfLines(Sanitizer.device());
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new ScanFamily()).tolerance(ScanTest::tolerance).drawn(from -> {
            boolean lines = from.yes();
            return new ScanProblem(from.oneOf(ReduceOp.SUM, ReduceOp.MAX, ReduceOp.MIN), from.between(1, 4),
                    from.extent(lines ? 20_000 : 90), lines ? from.between(1, 2) : from.extent(70), from.yes(), from.yes());
        }).run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new ScanFamily()).problems(new ScanProblem(ReduceOp.SUM, 1, 2070, 1, false, true),
                new ScanProblem(ReduceOp.SUM, 2, 130, 18, true, false), new ScanProblem(ReduceOp.SUM, 1, 4096, 1, true, false),
                new ScanProblem(ReduceOp.SUM, 16, 32, 1, false, true), new ScanProblem(ReduceOp.SUM, 67, 41, 1, true, false),
                new ScanProblem(ReduceOp.SUM, 2, 7, 32, false, true), new ScanProblem(ReduceOp.SUM, 2, 4112, 1, false, true)).tolerance(ScanTest::tolerance)
                .run(Sanitizer.device());
    }

    @Test
    void impossibleScansAreRefused() {
        assertThatThrownBy(() -> new ScanProblem(ReduceOp.MEAN, 1, 2, 3, false, false)).isInstanceOf(QuernException.class)
                .hasMessageContaining("sum, prod, max or min");
        assertThatThrownBy(() -> new ScanProblem(ReduceOp.SUM, 1, 0, 3, false, false)).isInstanceOf(QuernException.class)
                .hasMessageContaining("[1, 0, 3]");
    }
}
