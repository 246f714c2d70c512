package dev.quern.bench.recurrent;

import dev.quern.bench.measure.Contestant;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The plan of a layer forward and backward: all tensors lie on the device. It is timed on the wall clock, from the start of a
 * step until the device is done.
 */
final class RecurrentPlan implements AutoCloseable {
    private static final List<String> INPUTS = List.of("x", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "dy");

    private final State state;
    private final Plan plan;
    private final List<String> outputs;

    private RecurrentPlan(State state, Plan plan, List<String> outputs) {
        this.state = state;
        this.plan = plan;
        this.outputs = outputs;
    }

    static RecurrentPlan compile(RecurrentCase c, List<HostTensor> tensors, Device device, Pins pins) {
        GraphBuilder g = new GraphBuilder("recurrent");
        List<Value> in = Stream.iterate(0, i -> i < INPUTS.size(), i -> i + 1)
                .map(i -> g.parameter(INPUTS.get(i), DType.F32, tensors.get(i).shape())).toList();
        Value y = g.recurrent(c.cell(), in.get(0), RecurrentWeights.of(in.get(1), in.get(2), in.get(3), in.get(4)), List.of(),
                Optional.empty(), false).y();
        List<Value> gradients = Gradients.of(g, Map.of(y, in.get(5)), in.subList(0, 5));
        g.output("y", y);
        for (int i = 0; i < gradients.size(); i++) {
            g.output("d" + INPUTS.get(i), gradients.get(i));
        }
        State state = State.create(device);
        try {
            Plan plan = Compiler.compile(g.build(), device, state, CompileOptions.defaults().withPins(pins));
            for (int i = 0; i < INPUTS.size(); i++) {
                state.write(INPUTS.get(i), tensors.get(i));
            }
            return new RecurrentPlan(state, plan, Stream.concat(Stream.of("y"),
                    INPUTS.subList(0, gradients.size()).stream().map(name -> "d" + name)).toList());
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    /** Runs once and gives y and the gradients of x, the weights and the biases. */
    List<HostTensor> results() {
        plan.run();
        return outputs.stream().map(plan::read).toList();
    }

    /** This as a contestant. */
    Contestant named(String variant) {
        return new Contestant() {
            @Override
            public String name() {
                return variant;
            }

            @Override
            public long[] block(int warm, int runs) {
                for (int i = 0; i < warm; i++) {
                    plan.run();
                }
                plan.finish();
                long[] nanos = new long[runs];
                for (int i = 0; i < runs; i++) {
                    long start = System.nanoTime();
                    plan.run();
                    plan.finish();
                    nanos[i] = System.nanoTime() - start;
                }
                return nanos;
            }
        };
    }

    @Override
    public void close() {
        try (State first = state; Plan second = plan) {
            // Closed in reverse order, each even if the other fails.
        }
    }
}
