package dev.quern.kernels.random;

import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.random.Distribution.Normal;
import dev.quern.kernels.random.Distribution.Uniform;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;

/**
 * A tensor of random numbers that nobody stores: each kernel computes the elements that it reads. Element i (row-major) depends
 * on i, the purpose, and a key that changes from step to step. The numbers are those of the {@link Philox} stream of (seed,
 * purpose, step), in order.
 *
 * @param distribution what the bits become
 * @param purpose      {@link Philox#purpose} of what the numbers are for
 */
public record Draw(Distribution distribution, long purpose) {
    /** The shape of a key, I32: the lower and upper half of the seed, then of the step. */
    public static final Shape KEY = Shape.of(4);

    /** The key of a step. */
    public static HostTensor key(long seed, long step) {
        return HostTensor.of(KEY, (int) seed, (int) (seed >>> 32), (int) step, (int) (step >>> 32));
    }

    /** How many neighbouring elements are made of one block of the generator, the first of them a multiple of as many. */
    public int elementsOfABlock() {
        return distribution instanceof Bernoulli ? 8 : 4;
    }

    /** Element {@code index} in double precision; what the reference takes it for. */
    public double at(HostTensor key, long index) {
        long seed = join(key, 0);
        long stream = Philox.stream(purpose, join(key, 2));
        long block = Long.divideUnsigned(index, elementsOfABlock());
        int[] words = new int[4];
        Philox.block(block, stream, seed, words);
        return switch (distribution) {
            case Uniform() -> (words[(int) index & 3] >>> 8) * 0x1p-24;
            case Normal() -> {
                int pair = (int) index & 2;
                double radius = Math.sqrt(-2 * Math.log((Integer.toUnsignedLong(words[pair]) + 1) * 0x1p-32));
                double angle = 2 * Math.PI * Integer.toUnsignedLong(words[pair + 1]) * 0x1p-32;
                yield radius * ((index & 1) == 0 ? Math.cos(angle) : Math.sin(angle));
            }
            case Bernoulli bernoulli -> {
                int[] lower = new int[4];
                Philox.block(block | Long.MIN_VALUE, stream, seed, lower);
                int shift = (index & 4) == 0 ? 0 : 16;
                long bits = (words[(int) index & 3] >>> shift & 0xffffL) << 16 | lower[(int) index & 3] >>> shift & 0xffff;
                yield bits < bernoulli.threshold() ? 1 : 0;
            }
        };
    }

    private static long join(HostTensor key, long at) {
        return Integer.toUnsignedLong((int) key.get(at)) | (long) key.get(at + 1) << 32;
    }
}
