package dev.quern.kernels.random;

import static dev.quern.kernels.expr.Expressions.input;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.pointwise.PointwiseFamily;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Zeros and ones that are drawn with a probability. */
class BernoulliTest {
    private static final long SEED = 0x123456789abcdefL;
    private static final long PURPOSE = Philox.purpose("test");
    private static final HostTensor KEY = Draw.key(SEED, 3);
    private static final int COUNT = 1 << 22;

    /** Runs of a draw with these 32 bits of a probability. */
    private static float[] drawn(double probability, int count) {
        float[] values = new float[count];
        new DrawBlock(new Draw(Distribution.bernoulli(probability), PURPOSE)).fill(KEY.memory(), 0, 1, values, count);
        return values;
    }

    /** The 32 bits of an element: 16 of its block, 16 of the block half a period on. */
    private static long bits(int element) {
        long stream = Philox.stream(PURPOSE, 3);
        int[] upper = new int[4];
        int[] lower = new int[4];
        Philox.block(element / 8, stream, SEED, upper);
        Philox.block(element / 8 + Long.MIN_VALUE, stream, SEED, lower);
        int shift = element % 8 < 4 ? 0 : 16;
        return (upper[element % 4] >>> shift & 0xffffL) << 16 | lower[element % 4] >>> shift & 0xffff;
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-5, 0.1, 1 / 3.0, 0.5, 0.9, 1 - 1e-5})
    void onesAreAsManyAsTheProbabilitySaysAndTellNothingOfTheirNeighbours(double p) {
        float[] values = drawn(p, COUNT);
        double ones = 0;
        for (float value : values) {
            assertThat(value == 0 || value == 1).isTrue();
            ones += value;
        }
        double spread = Math.sqrt(p * (1 - p));
        assertThat(ones / COUNT).as("rate").isBetween(p - 4 * spread / Math.sqrt(COUNT), p + 4 * spread / Math.sqrt(COUNT));
        // Elements of one word, of one block, of neighbouring blocks.
        for (int apart = 1; apart <= 16; apart++) {
            double covariance = 0;
            for (int i = 0; i + apart < COUNT; i++) {
                covariance += (values[i] - p) * (values[i + apart] - p);
            }
            assertThat(covariance / COUNT / spread / spread * Math.sqrt(COUNT)).as("correlation " + apart + " apart, in deviations").isBetween(-4.5, 4.5);
        }
    }

    @Test
    void elementsWhoseFirstHalfIsThatOfTheProbabilityAreDecidedByTheirSecond() {
        int ties = 0;
        for (int element = 0; element < 64; element++) {
            long bits = bits(element);
            // At a probability of its own bits an element is 0, of one more it is 1: 32 bits count.
            assertThat(drawn(bits * 0x1p-32, 64)[element]).isZero();
            assertThat(drawn((bits + 1) * 0x1p-32, 64)[element]).isOne();
            assertThat(new Draw(Distribution.bernoulli(bits * 0x1p-32), PURPOSE).at(KEY, element)).isZero();
            assertThat(new Draw(Distribution.bernoulli((bits + 1) * 0x1p-32), PURPOSE).at(KEY, element)).isOne();
            ties += (bits & 0xffff) != 0 ? 1 : 0;
        }
        assertThat(ties).isGreaterThan(60);
    }

    @Test
    void whatIsSureIsNoDrawAndTheThresholdKeepsApartFromIt() {
        assertThat(new Bernoulli(0.5).threshold()).isEqualTo(0x80000000L);
        assertThat(new Bernoulli(1e-300).threshold()).isOne();
        assertThat(new Bernoulli(Math.nextDown(1.0)).threshold()).isEqualTo(0xffffffffL);
        for (double none : new double[] {0, 1, -0.5, Double.NaN}) {
            assertThatThrownBy(() -> new Bernoulli(none)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("probability " + none + ": it must be above 0 and below 1");
        }
    }

    /** Draws that begin at a block and in the middle of one, of which an element in a vector is decided by its second half either way. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyKernelDecidesTiesAlike(String id) {
        Shape shape = Shape.of(1100);
        List<Part> parts = new ArrayList<>();
        for (int offset : new int[] {0, 4}) {
            for (int more = 0; more < 2; more++) {
                for (int element : new int[] {13, 701}) {
                    Draw draw = new Draw(Distribution.bernoulli((bits(offset + element) + more) * 0x1p-32), PURPOSE);
                    parts.add(new Part(shape, List.of(new Input("drawn", DType.I32, offset, List.of(1L), Optional.of(draw))), List.of(input(0))));
                }
            }
        }
        KernelCheck.of(new PointwiseFamily()).tolerance(problem -> 1e-6).problems(new PointwiseProblem(parts))
                .inputs((problem, operand, tensor, random) -> {
                    for (int i = 0; i < 4; i++) {
                        tensor.set(i, KEY.get(i));
                    }
                }).run(TestDevices.shared(id));
    }
}
