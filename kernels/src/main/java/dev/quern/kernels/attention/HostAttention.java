package dev.quern.kernels.attention;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.expr.HostExp;
import dev.quern.runtime.HostArguments;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * What the host rungs of attention work on: one head's keys and values, turned so that loops run over neighbouring keys, and
 * one query's row of scores. The loops are plain ones that the JIT vectorises.
 */
final class HostAttention {
    final AttentionGeometry geometry;
    final float[] turnedKeys;
    final float[] values;
    final float[] query;
    final float[] scores;
    private final int[] exponents;
    private final float[] row;
    private int head;

    HostAttention(AttentionGeometry geometry) {
        this.geometry = geometry;
        turnedKeys = new float[geometry.dim() * geometry.keys()];
        values = new float[geometry.valueDim() * geometry.keys()];
        query = new float[geometry.dim()];
        scores = new float[geometry.keys()];
        exponents = new int[geometry.keys()];
        row = new float[Math.max(geometry.dim(), geometry.valueDim())];
    }

    /** Reads a head's keys, turned. */
    void readKeys(MemorySegment keys, int ofHead) {
        turn(keys, ofHead, geometry.dim(), turnedKeys);
        head = ofHead;
    }

    /** Reads rows of a head so that element d of all keys lies side by side. */
    void turn(MemorySegment from, int ofHead, int length, float[] turned) {
        int keys = geometry.keys();
        for (int key = 0; key < keys; key++) {
            HostStorage.load(from, geometry.dtype(), ((long) ofHead * keys + key) * length, row, 0, length);
            for (int d = 0; d < length; d++) {
                turned[d * keys + key] = row[d];
            }
        }
    }

    /** How many keys a query may see: those that neither its sequence's length nor a causal mask hides. */
    int seen(HostArguments arguments, int lengths, int ofQuery) {
        int end = geometry.keys();
        if (geometry.keyLengths()) {
            int length = arguments.memory(lengths).getAtIndex(ValueLayout.JAVA_INT, head / geometry.heads());
            end = isLength(length) ? length : end;
        }
        return geometry.causal() ? Math.min(ofQuery + 1, end) : end;
    }

    private boolean isLength(int length) {
        return length >= 0 && length <= geometry.keys();
    }

    /** The scale of a head's scores; NaN where its sequence's length is none. */
    float scale(HostArguments arguments, int lengths) {
        boolean wrong = geometry.keyLengths()
                && !isLength(arguments.memory(lengths).getAtIndex(ValueLayout.JAVA_INT, head / geometry.heads()));
        return wrong ? Float.NaN : geometry.scale();
    }

    /** Fills in the first {@code seen} scores of the query that was read. */
    void score(HostArguments arguments, int lengths, int ofQuery, int seen) {
        float scale = scale(arguments, lengths);
        products(query, geometry.dim(), turnedKeys, geometry.keys(), scores, seen);
        for (int key = 0; key < seen; key++) {
            scores[key] *= scale;
        }
        if (geometry.mask()) {
            MemorySegment mask = arguments.memory(geometry.keyLengths() ? lengths + 1 : lengths);
            long first = (long) ofQuery * geometry.keys();
            for (int key = 0; key < seen; key++) {
                scores[key] += mask.getAtIndex(ValueLayout.JAVA_FLOAT, first + key);
            }
        }
    }

    /** Turns scores into e^(score - shift). */
    void exponentials(float shift, int seen) {
        for (int key = 0; key < seen; key++) {
            scores[key] -= shift;
        }
        HostExp.apply(scores, exponents, seen);
    }

    /** out[key] = sum over d of x[d] * turned[d][key], four d at a time. */
    static void products(float[] x, int length, float[] turned, int stride, float[] out, int count) {
        Arrays.fill(out, 0, count, 0f);
        int d = 0;
        for (; d + 4 <= length; d += 4) {
            four(x[d], x[d + 1], x[d + 2], x[d + 3], turned, d * stride, stride, out, count);
        }
        for (; d < length; d++) {
            add(x[d], turned, d * stride, out, 0, count);
        }
    }

    private static void four(float a, float b, float c, float e, float[] rows, int at, int stride, float[] out, int count) {
        int second = at + stride;
        int third = second + stride;
        int fourth = third + stride;
        for (int i = 0; i < count; i++) {
            out[i] += a * rows[at + i] + b * rows[second + i] + (c * rows[third + i] + e * rows[fourth + i]);
        }
    }

    /** out[to + i] += factor * rows[from + i]. */
    static void add(float factor, float[] rows, int from, float[] out, int to, int count) {
        for (int i = 0; i < count; i++) {
            out[to + i] += factor * rows[from + i];
        }
    }

    /** Reads a row of some length. */
    void read(MemorySegment memory, long rowIndex, float[] to, int length) {
        HostStorage.load(memory, geometry.dtype(), rowIndex * length, to, 0, length);
    }
}
