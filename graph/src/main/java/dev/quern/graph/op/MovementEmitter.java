package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What moves elements and leaves them as they are: shapes, parts, joins and look-ups by index. */
public interface MovementEmitter extends ElementwiseEmitter {
    /** The same elements under another shape; one extent may be -1, which is worked out from the others. */
    default Value reshape(Value x, int... extents) {
        return reshape(x, checked("reshape", () -> Reshape.resolve(x.shape(), extents)));
    }

    /** The same elements under another shape. */
    default Value reshape(Value x, Shape shape) {
        return emitOne(new Reshape(shape), x);
    }

    /** All axes from {@code fromAxis} on as one. */
    default Value flatten(Value x, int fromAxis) {
        Shape shape = x.shape();
        int from = checked("flatten", () -> Types.axis(fromAxis, shape.rank(), "input " + shape));
        int[] extents = Arrays.copyOf(shape.toArray(), from + 1);
        extents[from] = Math.toIntExact(shape.elements(from, shape.rank()));
        return reshape(x, Shape.of(extents));
    }

    /** The axes in another order: axis i of the result is axis {@code permutation[i]} of x. */
    default Value transpose(Value x, int... permutation) {
        return emitOne(new Transpose(Arrays.stream(permutation).boxed().toList()), x);
    }

    /** x repeated to a larger shape by NumPy's rules. */
    default Value broadcast(Value x, Shape shape) {
        return emitOne(new Broadcast(shape), x);
    }

    /** {@code x[start:stop]} along an axis, as in NumPy: negative numbers count from the end. */
    default Value slice(Value x, int axis, int start, int stop) {
        return slice(x, axis, start, stop, 1);
    }

    /** {@code x[start:stop:step]} along an axis, as in NumPy: negative numbers count from the end, a negative step runs backwards. */
    default Value slice(Value x, int axis, int start, int stop, int step) {
        return emitOne(checked("slice", () -> Slice.along(x.shape(), axis, start, stop, step)), x);
    }

    /** One place of an axis, which disappears. */
    default Value select(Value x, int axis, int place) {
        int at = checked("select", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        Value one = slice(x, at, place, place == -1 ? x.shape().extent(at) : place + 1);
        List<Integer> extents = new ArrayList<>(Arrays.stream(x.shape().toArray()).boxed().toList());
        extents.remove(at);
        return reshape(one, Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
    }

    /** x cut into pieces of these sizes along an axis. */
    default List<Value> split(Value x, int axis, int... sizes) {
        int at = checked("split", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        checked("split", () -> {
            if (Arrays.stream(sizes).sum() != x.shape().extent(at)) {
                throw new IllegalOperandException("input " + x.shape() + ", axis " + axis + ": the sizes " + Arrays.toString(sizes)
                        + " do not add up to " + x.shape().extent(at));
            }
            return sizes;
        });
        List<Value> pieces = new ArrayList<>();
        int start = 0;
        for (int size : sizes) {
            pieces.add(slice(x, at, start, start + size));
            start += size;
        }
        return pieces;
    }

    /** The order along an axis reversed. */
    default Value flip(Value x, int axis) {
        return slice(x, axis, -1, -x.shape().extent(axis) - 1, -1);
    }

    /** Tensors one after the other along an axis; their other extents must be equal. */
    default Value concat(int axis, Value... inputs) {
        int rank = inputs.length == 0 ? 0 : inputs[0].shape().rank();
        return emitOne(checked("concat", () -> new Concat(Types.axis(axis, rank, "operand 0"))), inputs);
    }

    /** Tensors of one shape side by side along a new axis. */
    default Value stack(int axis, Value... inputs) {
        int rank = inputs.length == 0 ? 0 : inputs[0].shape().rank();
        int at = checked("stack", () -> Types.axis(axis, rank + 1, "the result"));
        Value[] rows = new Value[inputs.length];
        for (int k = 0; k < inputs.length; k++) {
            List<Integer> extents = new ArrayList<>(Arrays.stream(inputs[k].shape().toArray()).boxed().toList());
            extents.add(at, 1);
            rows[k] = reshape(inputs[k], Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
        }
        return concat(at, rows);
    }

    /** x with elements of this value before and behind it along each axis. */
    default Value pad(Value x, List<Integer> before, List<Integer> after, double value) {
        return emitOne(checked("pad", () -> Pad.around(x.shape(), before, after, value)), x);
    }

    /** x mirrored at its ends along an axis, which are not repeated: {@code c b | a b c d | c b}. PyTorch's padding mode reflect. */
    default Value padReflect(Value x, int axis, int before, int after) {
        int extent = x.shape().extent(axis);
        checked("pad", () -> {
            if (before < 0 || after < 0 || before >= extent || after >= extent) {
                throw new IllegalOperandException("input " + x.shape() + ", axis " + axis + ": reflecting " + before + " and " + after
                        + " elements needs numbers from 0 to " + (extent - 1));
            }
            return extent;
        });
        List<Value> pieces = new ArrayList<>();
        if (before > 0) {
            pieces.add(slice(x, axis, before, 0, -1));
        }
        pieces.add(x);
        if (after > 0) {
            pieces.add(slice(x, axis, extent - 2, extent - 2 - after < 0 ? -extent - 1 : extent - 2 - after, -1));
        }
        return concat(axis, pieces.toArray(Value[]::new));
    }

    /** x with its end elements repeated along an axis: {@code a a | a b c d | d d}. PyTorch's padding mode replicate. */
    default Value padReplicate(Value x, int axis, int before, int after) {
        int extent = x.shape().extent(axis);
        List<Value> pieces = new ArrayList<>();
        if (before > 0) {
            pieces.add(repeated(slice(x, axis, 0, 1), axis, before));
        }
        pieces.add(x);
        if (after > 0) {
            pieces.add(repeated(slice(x, axis, extent - 1, extent), axis, after));
        }
        return concat(axis, pieces.toArray(Value[]::new));
    }

    private Value repeated(Value x, int axis, int times) {
        int[] extents = x.shape().toArray();
        extents[axis < 0 ? axis + extents.length : axis] = times;
        return broadcast(x, Shape.of(extents));
    }

    /** x again and again along an axis. */
    default Value repeat(Value x, int axis, int times) {
        int at = checked("repeat", () -> Types.axis(axis, x.shape().rank(), "input " + x.shape()));
        List<Integer> extents = new ArrayList<>(Arrays.stream(x.shape().toArray()).boxed().toList());
        extents.add(at, 1);
        Value row = reshape(x, Shape.of(extents.stream().mapToInt(Integer::intValue).toArray()));
        int[] whole = x.shape().toArray();
        whole[at] *= times;
        return reshape(repeated(row, at, times), Shape.of(whole));
    }

    /**
     * Places of an axis of x by index, I32: the axes of the indices take the axis's place. PyTorch's index_select; an index out
     * of range gives NaN, or the smallest integer.
     */
    default Value take(Value x, int axis, Value index) {
        return emitOne(checked("take", () -> new Gather(Types.axis(axis, x.shape().rank(), "x " + x.shape()), false, -1)), x, index);
    }

    /** One element of x for each index, which has the shape of the result: PyTorch's gather. */
    default Value gather(Value x, int axis, Value index) {
        return emitOne(checked("gather", () -> new Gather(Types.axis(axis, x.shape().rank(), "x " + x.shape()), true, -1)), x, index);
    }

    /**
     * A row of the table for each index, I32 [...]: the result is [..., features].
     *
     * @param table      [rows, features]
     * @param paddingIdx a row that gets no gradient; -1 for none
     */
    default Value embedding(Value table, Value index, int paddingIdx) {
        return emit("embedding", checked("embedding", () -> {
            Types.rank("table", table.type(), 2, "rows, features");
            return new Gather(0, false, paddingIdx);
        }), List.of(table, index)).getFirst();
    }

    /**
     * Zeros with the elements of x added by index along an axis, in order: PyTorch's scatter_add into zeros, of an axis of this
     * length.
     */
    default Value scatterAdd(Value x, int axis, Value index, int length) {
        return emitOne(checked("scatter_add", () -> new ScatterAdd(Types.axis(axis, x.shape().rank(), "x " + x.shape()), length, true,
                -1)), x, index);
    }
}
