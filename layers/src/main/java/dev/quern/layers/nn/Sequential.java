package dev.quern.layers.nn;

import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Layers one behind the other; PyTorch's {@code Sequential}. Parameter paths begin with the layer's name, by default its
 * number: {@code 0.weight}.
 *
 * @param members the layers with their names
 */
public record Sequential(List<Member> members) implements Layer {
    /** A layer with its name. */
    public record Member(String name, Layer layer) {
        public Member {
            if (name.isEmpty() || name.contains(".") || name.contains("/")) {
                throw new QuernException("layer name '" + name + "': names have no dots or slashes and are not empty");
            }
        }

        /** Says no to two members of one name, and to none at all. */
        static void requireDistinct(List<Member> members, String where) {
            Set<String> names = new HashSet<>();
            for (Member member : members) {
                if (!names.add(member.name())) {
                    throw new QuernException("layer name '" + member.name() + "' is used twice in a " + where);
                }
            }
            if (members.isEmpty()) {
                throw new QuernException("a " + where + " needs at least one layer");
            }
        }
    }

    public Sequential {
        members = List.copyOf(members);
        Member.requireDistinct(members, "Sequential");
    }

    /** A layer with a name of its own. */
    public static Member member(String name, Layer layer) {
        return new Member(name, layer);
    }

    /** Layers with names. */
    public static Sequential of(Member... members) {
        return new Sequential(List.of(members));
    }

    /** Layers named by their numbers, from 0. */
    public static Sequential of(Layer... layers) {
        List<Member> members = new ArrayList<>();
        for (Layer layer : layers) {
            members.add(new Member(Integer.toString(members.size()), layer));
        }
        return new Sequential(members);
    }

    /** The layers of several, one behind the other, named by their numbers from 0. */
    public static Sequential joined(Sequential... parts) {
        return of(Arrays.stream(parts).flatMap(part -> part.members().stream()).map(Member::layer).toArray(Layer[]::new));
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Value value = input;
        for (Member member : members) {
            value = context.build(member.name(), member.layer(), value);
        }
        return value;
    }

    @Override
    public String toString() {
        return "Sequential(" + members.size() + " layers)";
    }
}
