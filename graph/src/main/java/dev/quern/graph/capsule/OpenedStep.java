package dev.quern.graph.capsule;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;

/** A capsule's step compiled on a device, with its inputs and its state as they were before it: ready to run once. */
public final class OpenedStep implements AutoCloseable {
    private final State state;
    private final Plan plan;

    private OpenedStep(State state, Plan plan) {
        this.state = state;
        this.plan = plan;
    }

    /**
     * Compiles a capsule's graph and gives the plan what the capsule holds.
     *
     * @param options how to compile it: the capsule's own, or others
     * @throws QuernException if the graph cannot be compiled so on the device, or the capsule lacks something that the plan reads
     */
    public static OpenedStep open(Capsule capsule, Device device, CompileOptions options) {
        State state = State.create(device);
        try {
            Plan plan = Compiler.compile(capsule.graph(), device, state, options);
            try {
                for (String input : plan.inputs()) {
                    HostTensor given = capsule.inputs().get(input);
                    if (given == null) {
                        throw new QuernException("the capsule holds nothing for input " + input + " of " + capsule.graph().name());
                    }
                    plan.set(input, given);
                }
                capsule.before().forEach(state::write);
                return new OpenedStep(state, plan);
            } catch (RuntimeException e) {
                plan.close();
                throw e;
            }
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /** The plan. */
    public Plan plan() {
        return plan;
    }

    /** The state. */
    public State state() {
        return state;
    }

    @Override
    public void close() {
        try (State _ = state; Plan _ = plan) {
            // Closed in reverse order, each even if the other fails.
        }
    }
}
