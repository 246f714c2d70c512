package dev.quern.kernels.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of copies against the reference: they move bits, so nothing but equality passes. */
class CopyTest {
    /** The axes of a tensor in another order. */
    private static CopyProblem permuted(DType dtype, Shape input, int... order) {
        long[] dense = input.strides();
        return CopyProblem.view(dtype, Shape.of(IntStream.of(order).map(input::extent).toArray()), input.elements(), 0,
                IntStream.of(order).mapToObj(axis -> dense[axis]).toList());
    }

    private static CopyProblem padded(DType dtype, Shape input, Shape output, double fill, Integer... starts) {
        return CopyProblem.place(dtype, input, output, List.of(starts), Collections.nCopies(input.rank(), 1), fill);
    }

    private static List<CopyProblem> problems() {
        return List.of(
                permuted(DType.F32, Shape.of(33, 50), 1, 0),
                permuted(DType.I32, Shape.of(2, 19, 3, 40), 0, 2, 3, 1),
                permuted(DType.BF16, Shape.of(3, 20, 17), 2, 0, 1),
                // A slice that runs backwards along one axis and takes every other element along another; a repeated row.
                CopyProblem.view(DType.F32, Shape.of(4, 9), 200, 150, List.of(-40L, 2L)),
                CopyProblem.view(DType.F32, Shape.of(5, 70), 70, 0, List.of(0L, 1L)),
                CopyProblem.view(DType.U8, Shape.of(6, 33), 6, 0, List.of(1L, 0L)),
                CopyProblem.view(DType.I64, Shape.of(1001), 1001, 0, List.of(1L)),
                padded(DType.F32, Shape.of(2, 3, 7, 21), Shape.of(2, 3, 10, 24), -1.5, 0, 0, 1, 2),
                padded(DType.F32, Shape.of(3, 4, 9, 46), Shape.of(3, 4, 11, 50), 0, 0, 0, 1, 3),
                padded(DType.I32, Shape.of(30, 6, 11), Shape.of(33, 6, 13), 7, 2, 0, 1),
                // A window of every plane.
                CopyProblem.view(DType.F32, Shape.of(5, 20, 70), 5 * 30 * 80, 3 * 80 + 4, List.of(30 * 80L, 80L, 1L)),
                padded(DType.F16, Shape.of(5), Shape.of(90), 2, 80),
                // The gradient of a slice with steps, one of them negative.
                CopyProblem.place(DType.F32, Shape.of(3, 2, 5), Shape.of(8, 2, 14), List.of(1, 1, 12), List.of(3, -1, -2), 0),
                CopyProblem.concat(DType.F32, List.of(Shape.of(4, 3, 10), Shape.of(4, 1, 10), Shape.of(4, 5, 10)), 1),
                CopyProblem.concat(DType.I32, List.of(Shape.of(3, 17), Shape.of(3, 40)), 1),
                CopyProblem.view(DType.F32, Shape.scalar(), 1, 0, List.of()));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantMovesEveryBit(String id) {
        KernelCheck.of(new CopyFamily()).tolerance(problem -> 0).problems(problems()).run(TestDevices.shared(id));
    }

    /** Long enough for stores that pass the caches by, with rows that begin off their multiples. */
    @Test
    void copiesPastTheCachesMoveEveryBit() {
        List<CopyProblem> problems = List.of(permuted(DType.F32, Shape.of(2050, 2064), 1, 0),
                padded(DType.F32, Shape.of(3, 1201, 1203), Shape.of(3, 1204, 1207), 7, 0, 1, 3),
                padded(DType.F32, Shape.of(60, 401, 177), Shape.of(61, 403, 181), -2, 1, 1, 3));
        TestDevices.ids().filter(id -> !id.equals("host")).forEach(id -> KernelCheck.of(new CopyFamily())
                .tolerance(problem -> 0).partial().problems(problems).run(TestDevices.shared(id)));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new CopyFamily()).tolerance(problem -> 0).problems(permuted(DType.F32, Shape.of(19, 34), 1, 0),
                padded(DType.F32, Shape.of(2, 3, 5), Shape.of(2, 6, 9), 3, 0, 2, 1),
                padded(DType.F32, Shape.of(2, 30, 17), Shape.of(2, 32, 19), 3, 0, 1, 1),
                CopyProblem.place(DType.F32, Shape.of(3, 4), Shape.of(7, 9), List.of(0, 8), List.of(3, -2), 0),
                CopyProblem.concat(DType.BF16, List.of(Shape.of(2, 3), Shape.of(2, 18)), 1)).run(Sanitizer.device());
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomMoveEveryBit(String id) {
        Device device = TestDevices.shared(id);
        long seed = Long.getLong("quern.fuzz.seed", 5);
        Random random = new Random(seed);
        List<CopyProblem> drawn = new ArrayList<>();
        for (int i = 0; i < Integer.getInteger("quern.fuzz.cases", 40); i++) {
            DType dtype = DType.values()[random.nextInt(DType.values().length)];
            int rank = 1 + random.nextInt(4);
            int[] extents = IntStream.range(0, rank).map(axis -> 1 + random.nextInt(rank == 1 ? 3000 : 40 / rank)).toArray();
            drawn.add(switch (random.nextInt(3)) {
                case 0 -> {
                    List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
                    Collections.shuffle(order, random);
                    yield permuted(dtype, Shape.of(extents), order.stream().mapToInt(Integer::intValue).toArray());
                }
                case 1 -> {
                    List<Integer> steps = new ArrayList<>();
                    List<Integer> starts = new ArrayList<>();
                    int[] output = new int[rank];
                    for (int axis = 0; axis < rank; axis++) {
                        int step = 1 + random.nextInt(2);
                        int before = random.nextInt(4);
                        int last = before + (extents[axis] - 1) * step;
                        boolean backwards = random.nextInt(4) == 0;
                        output[axis] = last + 1 + random.nextInt(4);
                        starts.add(backwards ? last : before);
                        steps.add(backwards ? -step : step);
                    }
                    yield CopyProblem.place(dtype, Shape.of(extents), Shape.of(output), starts, steps, random.nextInt(2));
                }
                default -> {
                    int axis = random.nextInt(rank);
                    List<Shape> inputs = new ArrayList<>();
                    for (int k = 0; k < 2 + random.nextInt(3); k++) {
                        int[] one = Arrays.copyOf(extents, rank);
                        one[axis] = 1 + random.nextInt(20);
                        inputs.add(Shape.of(one));
                    }
                    yield CopyProblem.concat(dtype, inputs, axis);
                }
            });
        }
        KernelCheck.of(new CopyFamily()).seed(seed).tolerance(problem -> 0).partial().problems(drawn).run(device);
    }

    @Test
    void partsJoinAxesAndPadRowsInOnePass() {
        assertThat(Part.of(permuted(DType.F32, Shape.of(2, 3, 4, 5), 0, 2, 3, 1)).getFirst().extents()).containsExactly(2L, 20L, 3L);
        List<Part> parts = Part.of(padded(DType.F32, Shape.of(2, 3), Shape.of(4, 8), 0, 1, 2));
        assertThat(parts.stream().mapToLong(Part::elements).sum()).isEqualTo(32);
        assertThat(parts.getLast()).matches(part -> part.before() == 2 && part.after() == 3 && part.inner() == 3);
    }

    @Test
    void impossibleCopiesAreRefused() {
        assertThatThrownBy(() -> CopyProblem.view(DType.F32, Shape.of(3, 4), 11, 0, List.of(4L, 1L)))
                .isInstanceOf(QuernException.class).hasMessageContaining("elements 0 to 11 of an input of 11");
        assertThatThrownBy(() -> padded(DType.F32, Shape.of(3), Shape.of(4), 0, 2)).isInstanceOf(QuernException.class)
                .hasMessageContaining("leaves it");
        CopyProblem.Region first = CopyProblem.concat(DType.F32, List.of(Shape.of(4)), 0).regions().getFirst();
        assertThatThrownBy(() -> new CopyProblem(DType.F32, Shape.of(4), List.of(4L), List.of(first, first), 0))
                .isInstanceOf(QuernException.class).hasMessageContaining("regions 0 and 1 overlap");
        assertThatThrownBy(() -> CopyProblem.view(DType.F32, Shape.of(0), 1, 0, List.of(1L)))
                .isInstanceOf(QuernException.class).hasMessageContaining("[0]");
    }
}
