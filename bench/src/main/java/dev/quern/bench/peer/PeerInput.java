package dev.quern.bench.peer;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A tensor that a task reads, and how it is filled: with independent uniform random numbers in [low, high); integers are
 * rounded down, so that {@code 0, 10} gives the classes 0 to 9.
 *
 * @param dtype its storage type
 * @param shape its extents
 * @param low   the least value
 * @param high  above the greatest value
 */
public record PeerInput(DType dtype, Shape shape, double low, double high) {
    private static final Pattern TEXT = Pattern.compile("(\\w+)\\[([\\d,]*)]@([^:]+):(.+)");

    public PeerInput {
        if (!(low < high)) {
            throw new IllegalArgumentException(dtype + shape.toString() + ": no number is in [" + low + ", " + high + ")");
        }
    }

    /** A tensor with the usual range of its type: [-1, 1) for floating-point numbers, 0 and 1 for the others. */
    public static PeerInput of(DType dtype, Shape shape) {
        return dtype.floating() ? new PeerInput(dtype, shape, -1, 1) : new PeerInput(dtype, shape, 0, 2);
    }

    /** An F32 tensor in [-1, 1). */
    public static PeerInput f32(int... extents) {
        return of(DType.F32, Shape.of(extents));
    }

    /** An I32 tensor in 0 … below - 1. */
    public static PeerInput i32(int below, int... extents) {
        return new PeerInput(DType.I32, Shape.of(extents), 0, below);
    }

    /** An I64 tensor in 0 … below - 1. */
    public static PeerInput i64(int below, int... extents) {
        return new PeerInput(DType.I64, Shape.of(extents), 0, below);
    }

    /** The same tensor in another range. */
    public PeerInput in(double newLow, double newHigh) {
        return new PeerInput(dtype, shape, newLow, newHigh);
    }

    /** A tensor with such numbers. */
    public HostTensor random(Random random) {
        HostTensor tensor = HostTensor.zeros(dtype, shape);
        for (long i = 0; i < shape.elements(); i++) {
            double value = low + random.nextFloat() * (high - low);
            tensor.set(i, dtype.floating() ? value : Math.floor(value));
        }
        return tensor;
    }

    /** For example {@code f32[8,64,56,56]@-1.0:1.0}. */
    String toText() {
        return dtype.name().toLowerCase(Locale.ROOT)
                + Arrays.stream(shape.toArray()).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"))
                + "@" + low + ":" + high;
    }

    /** Reads {@link #toText()}. */
    static PeerInput ofText(String text) {
        Matcher match = TEXT.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("not a tensor of a task: " + text);
        }
        int[] extents = match.group(2).isEmpty() ? new int[0]
                : Arrays.stream(match.group(2).split(",")).mapToInt(Integer::parseInt).toArray();
        return new PeerInput(DType.valueOf(match.group(1).toUpperCase(Locale.ROOT)), Shape.of(extents),
                Double.parseDouble(match.group(3)), Double.parseDouble(match.group(4)));
    }
}
