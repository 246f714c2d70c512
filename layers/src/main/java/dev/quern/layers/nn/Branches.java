package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.nn.Sequential.Member;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.Optional;

/**
 * Layers side by side on one input, their outputs one after the other along the channels: [N, C1 + C2 + ..., ...].
 *
 * @param members the layers with their names, as in a {@link Sequential}
 * @param madeAt  the user's line
 */
public record Branches(List<Member> members, SourceLine madeAt) implements Layer {
    public Branches {
        members = List.copyOf(members);
        Member.requireDistinct(members, "Branches");
    }

    /** Layers with names. */
    public static Branches of(Member... members) {
        return new Branches(List.of(members), SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Value[] outputs = new Value[members.size()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = context.build(members.get(i).name(), members.get(i).layer(), input);
            if (outputs[i].shape().rank() < 2) {
                throw context.complaint(this, "branch " + members.get(i).name() + " gives " + outputs[i].shape() + ", expected [N, C, ...]");
            }
        }
        try {
            return context.graph().concat(1, outputs);
        } catch (QuernException e) {
            throw context.complaint(this, e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "Branches(" + members.size() + ")";
    }
}
