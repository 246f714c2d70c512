package dev.quern.layers.nn;

import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
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
    }

    public Sequential {
        members = List.copyOf(members);
        Set<String> names = new HashSet<>();
        for (Member member : members) {
            if (member.name().isEmpty() || member.name().contains(".") || member.name().contains("/")) {
                throw new QuernException("layer name '" + member.name()
                        + "': names have no dots or slashes and are not empty");
            }
            if (!names.add(member.name())) {
                throw new QuernException("layer name '" + member.name() + "' is used twice in a Sequential");
            }
        }
        if (members.isEmpty()) {
            throw new QuernException("a Sequential needs at least one layer");
        }
    }

    /** Layers named by their numbers, from 0. */
    public static Sequential of(Layer... layers) {
        List<Member> members = new ArrayList<>();
        for (Layer layer : layers) {
            members.add(new Member(Integer.toString(members.size()), layer));
        }
        return new Sequential(members);
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
