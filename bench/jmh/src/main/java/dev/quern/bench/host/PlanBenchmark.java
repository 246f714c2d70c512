package dev.quern.bench.host;

import dev.quern.examples.LeNet;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.plan.Plan;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.ModelGraph;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A training step of LeNet for one image, whose kernels take next to nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class PlanBenchmark {
    private static final Sgd OPTIMIZER = Sgd.momentum(0.9);

    /** Which device. */
    @Param({"host", "opencl:0"})
    public String device;

    private final ModelGraph step = ModelGraph.training(new LeNet().task(), 1, OPTIMIZER);
    private Device opened;
    private dev.quern.graph.plan.State state;
    private Plan plan;

    /** Compiles the step. */
    @Setup(Level.Trial)
    public void open() {
        opened = Devices.open(device);
        state = dev.quern.graph.plan.State.create(opened);
        plan = Compiler.compile(step.graph(), opened, state, CompileOptions.defaults());
        LeNet lenet = new LeNet();
        plan.set(Dataset.INPUT, HostTensor.zeros(DType.F32, lenet.model().batchShape(1)));
        plan.set(Dataset.LABELS, HostTensor.zeros(DType.I32, Shape.of(1)));
        // A rate of zero keeps the weights as they are, however many steps are run.
        OPTIMIZER.scalars().forEach(rule -> plan.setScalar(rule.name(), (float) rule.value().at(1, 0)));
    }

    /** One replay: with {@code -prof gc}, {@code gc.alloc.rate.norm} says what it allocates, which ought to be nothing. */
    @Benchmark
    public void replay() {
        plan.run();
        plan.finish();
    }

    /** Compiles the whole step again, kernels from the device's cache of programs. */
    @Benchmark
    public void compile() {
        Compiler.compile(step.graph(), opened, state, CompileOptions.defaults()).close();
    }

    /** Releases everything. */
    @TearDown(Level.Trial)
    public void close() {
        plan.close();
        state.close();
        opened.close();
    }
}
