package dev.quern.graph.fuzz;

import dev.quern.graph.op.Value;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What moves elements: shapes, parts, joins and look-ups by index. */
final class MovementRules {
    static final List<Rule> ALL = List.of(
            Rule.ofRank(0, MovementRules::reshaped),
            Rule.ofRank(2, MovementRules::transposed),
            Rule.ofRank(2, MovementRules::transposed),
            Rule.ofRank(3, MovementRules::transposed),
            Rule.ofRank(1, (from, want) -> from.g().broadcast(from.grow(from.narrow(want)), want)),
            Rule.ofRank(1, MovementRules::sliced),
            Rule.ofRank(0, MovementRules::selected),
            Rule.ofRank(1, (from, want) -> from.g().flip(from.grow(want), from.axis(want))),
            Rule.of(Extents::isLong, MovementRules::joined),
            Rule.of(shape -> shape.rank() > 0 && shape.extent(0) <= 3, MovementRules::stacked),
            Rule.of(Extents::isLong, MovementRules::padded),
            Rule.of(Extents::isLong, MovementRules::mirrored),
            Rule.of(shape -> shape.rank() > 0 && shape.extent(-1) % 2 == 0,
                    (from, want) -> from.g().repeat(from.grow(Extents.with(want, want.rank() - 1, want.extent(-1) / 2)), want.rank() - 1, 2)),
            Rule.of(Extents::isLong, MovementRules::swapped),
            Rule.ofRank(1, MovementRules::taken),
            Rule.ofRank(1, MovementRules::gathered),
            Rule.ofRank(2, (from, want) -> {
                int rows = from.choose().between(1, 9);
                return from.g().embedding(from.grow(Shape.of(rows, want.extent(-1))),
                        from.index(Extents.part(want, 0, want.rank() - 1), rows), from.choose().oneIn(3) ? rows - 1 : -1);
            }).withoutDerivative(),
            Rule.ofRank(1, MovementRules::scattered),
            Rule.ofRank(1, (from, want) -> from.g().mul(from.grow(want),
                    from.g().oneHot(from.index(Extents.part(want, 0, want.rank() - 1), want.extent(-1)), want.extent(-1)))));

    private MovementRules() {
    }

    private static Value reshaped(GraphGrower from, Shape want) {
        List<Integer> extents = Extents.list(want);
        if (!extents.isEmpty() && from.choose().yes()) {
            return from.g().reshape(from.grow(Shape.of(Math.toIntExact(want.elements()))), want);
        }
        if (extents.size() > 1 && from.choose().yes()) {
            int at = from.choose().between(0, extents.size() - 2);
            extents.set(at, extents.get(at) * extents.remove(at + 1));
        } else if (extents.size() < GraphGrower.MOST_AXES) {
            extents.add(from.choose().between(0, extents.size()), 1);
        }
        return from.g().reshape(from.grow(Extents.of(extents)), want);
    }

    private static Value transposed(GraphGrower from, Shape want) {
        List<Integer> places = new ArrayList<>();
        for (int axis = 0; axis < want.rank(); axis++) {
            places.add(from.choose().between(0, axis), axis);
        }
        // Axis i of the result is axis places[i] of the operand.
        int[] extents = new int[want.rank()];
        for (int axis = 0; axis < want.rank(); axis++) {
            extents[places.get(axis)] = want.extent(axis);
        }
        return from.g().transpose(from.grow(Shape.of(extents)), places.stream().mapToInt(Integer::intValue).toArray());
    }

    private static Value sliced(GraphGrower from, Shape want) {
        int axis = from.axis(want);
        int step = from.choose().between(1, 2);
        int before = from.choose().between(0, 3);
        int reach = (want.extent(axis) - 1) * step + 1;
        int extent = before + reach + from.choose().between(0, 3);
        Shape shape = from.roomy(Extents.with(want, axis, extent), want);
        if (shape.equals(want)) {
            return from.g().flip(from.grow(want), axis);
        }
        Value x = from.grow(shape);
        if (from.choose().yes()) {
            int stop = before - step;
            return from.g().slice(x, axis, before + reach - 1, stop < 0 ? -extent - 1 : stop, -step);
        }
        return from.g().slice(x, axis, before, before + reach, step);
    }

    private static Value selected(GraphGrower from, Shape want) {
        if (want.rank() >= GraphGrower.MOST_AXES) {
            return sliced(from, want);
        }
        int axis = from.choose().between(0, want.rank());
        int extent = from.extra(want);
        return from.g().select(from.grow(Extents.insert(want, axis, extent)), axis, from.choose().between(0, extent - 1));
    }

    private static Value joined(GraphGrower from, Shape want) {
        int axis = from.longAxis(want);
        int left = want.extent(axis);
        List<Value> pieces = new ArrayList<>();
        while (left > 0 && pieces.size() < 3) {
            int piece = pieces.size() == 2 ? left : from.choose().between(1, left);
            pieces.add(from.grow(Extents.with(want, axis, piece)));
            left -= piece;
        }
        return from.g().concat(axis, pieces.toArray(Value[]::new));
    }

    private static Value stacked(GraphGrower from, Shape want) {
        List<Value> rows = new ArrayList<>();
        for (int i = 0; i < want.extent(0); i++) {
            rows.add(from.grow(Extents.remove(want, 0)));
        }
        return from.g().stack(0, rows.toArray(Value[]::new));
    }

    private static Value padded(GraphGrower from, Shape want) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        List<Integer> inner = Extents.list(want);
        for (int axis = 0; axis < want.rank(); axis++) {
            before.add(from.choose().between(0, Math.min(2, inner.get(axis) - 1)));
            inner.set(axis, inner.get(axis) - before.get(axis));
            after.add(from.choose().between(0, Math.min(2, inner.get(axis) - 1)));
            inner.set(axis, inner.get(axis) - after.get(axis));
        }
        return from.g().pad(from.grow(Extents.of(inner)), before, after, from.choose().oneOf(0.0, 0.5, -1.0));
    }

    private static Value mirrored(GraphGrower from, Shape want) {
        int axis = from.longAxis(want);
        int extent = want.extent(axis);
        int before = from.choose().between(0, (extent - 1) / 3);
        int after = from.choose().between(0, (extent - 1) / 3);
        Value x = from.grow(Extents.with(want, axis, extent - before - after));
        return from.choose().yes() ? from.g().padReflect(x, axis, before, after) : from.g().padReplicate(x, axis, before, after);
    }

    /** The two parts of a tensor the other way round. */
    private static Value swapped(GraphGrower from, Shape want) {
        int axis = from.longAxis(want);
        int cut = from.choose().between(1, want.extent(axis) - 1);
        List<Value> pieces = new ArrayList<>(from.g().split(from.grow(want), axis, cut, want.extent(axis) - cut));
        Collections.reverse(pieces);
        return from.g().concat(axis, pieces.toArray(Value[]::new));
    }

    private static Value taken(GraphGrower from, Shape want) {
        int axis = from.axis(want);
        int axes = Math.min(from.choose().between(1, 2), want.rank() - axis);
        Shape index = Extents.part(want, axis, axis + axes);
        int extent = from.choose().between(1, 9);
        List<Integer> extents = Extents.list(want);
        extents.subList(axis, axis + axes).clear();
        extents.add(axis, extent);
        Shape shape = Extents.of(extents);
        return GraphGrower.hasRoom(shape) ? from.g().take(from.grow(shape), axis, from.index(index, extent))
                : from.g().flip(from.grow(want), axis);
    }

    private static Value gathered(GraphGrower from, Shape want) {
        int axis = from.axis(want);
        int extent = from.choose().between(1, 9);
        Shape shape = from.roomy(Extents.with(want, axis, extent), want);
        return from.g().gather(from.grow(shape), axis, from.index(want, shape.extent(axis)));
    }

    private static Value scattered(GraphGrower from, Shape want) {
        int axis = from.axis(want);
        Shape shape = from.roomy(Extents.with(want, axis, from.choose().between(1, 9)), want);
        return from.g().scatterAdd(from.grow(shape), axis, from.index(shape, want.extent(axis)), want.extent(axis));
    }
}
