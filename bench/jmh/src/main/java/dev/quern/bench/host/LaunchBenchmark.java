package dev.quern.bench.host;

import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.Kernel;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Launch;
import dev.quern.runtime.Memory;
import dev.quern.runtime.ProgramSource;
import dev.quern.runtime.Recording;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
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

/** Launches of a kernel that writes one number: what is left is the way to it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class LaunchBenchmark {
    private static final String TEXT = "Q_KERNEL void touch(Q_GLOBAL float* y) { if (Q_GLOBAL_ID(0) == 0) { y[0] = 1.0f; } }\n";

    /** Which device. */
    @Param({"host", "opencl:0"})
    public String device;

    /** Launches in a recording. */
    @Param({"1", "30"})
    public int launches;

    private Device opened;
    private Memory memory;
    private List<Launch> work;
    private Recording recording;

    /** Opens the device and records. */
    @Setup(Level.Trial)
    public void open() {
        opened = Devices.open(device);
        memory = opened.allocate(Float.BYTES, "benchmark");
        ProgramSource source = opened.info().runs(Dialect.PORTABLE) ? KernelText.of("bench/touch", Dialect.PORTABLE, TEXT)
                : HostCode.of("bench/touch", "touch", (arguments, group) ->
                        arguments.memory(0).setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1));
        Kernel kernel = opened.compile(source).kernel("touch");
        work = Collections.nCopies(launches, new Launch("touch", kernel, Grid.ofTiles(1), List.of(memory.slice())));
        recording = opened.record(work);
    }

    /** Replays the recording and waits: time a launch is this over {@link #launches}. */
    @Benchmark
    public void replay() {
        opened.queue().run(recording);
        opened.queue().finish();
    }

    /** Binds all launches anew and releases them. */
    @Benchmark
    public void bind() {
        opened.record(work).close();
    }

    /** Releases everything. */
    @TearDown(Level.Trial)
    public void close() {
        recording.close();
        memory.close();
        opened.close();
    }
}
