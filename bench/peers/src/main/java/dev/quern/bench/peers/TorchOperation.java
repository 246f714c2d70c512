package dev.quern.bench.peers;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerTask;
import dev.quern.bench.peer.TorchScript;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** An operation's script in PyTorch, on random inputs used in turn. */
final class TorchOperation implements Peer.Work {
    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    private final ParameterStore parameters = new ParameterStore(manager, false);
    private final Model model = Model.newInstance("operation", Device.cpu(), "PyTorch");
    private final PtSymbolBlock block;
    private final boolean differentiates;
    private final List<NDList> sets = new ArrayList<>();
    private int turn;

    /**
     * Loads the script and makes the inputs.
     *
     * @throws UnsupportedOperationException if this version of PyTorch has no such operator
     */
    TorchOperation(PeerTask.Operation task) throws IOException, MalformedModelException {
        byte[] archive = TorchScript.archive(task.script(), task.inputs().size());
        model.load(new ByteArrayInputStream(archive));
        this.block = (PtSymbolBlock) model.getBlock();
        this.differentiates = TorchScript.differentiates(task.script());
        Random random = new Random(1);
        for (int i = 0; i < task.sets(); i++) {
            NDList set = new NDList();
            for (PeerInput input : task.inputs()) {
                set.add(array(input.random(random)));
            }
            sets.add(set);
        }
    }

    private NDArray array(HostTensor tensor) {
        ByteBuffer data = ByteBuffer.allocateDirect(Math.toIntExact(tensor.memory().byteSize())).order(ByteOrder.nativeOrder());
        MemorySegment.ofBuffer(data).copyFrom(tensor.memory());
        long[] extents = Arrays.stream(tensor.shape().toArray()).asLongStream().toArray();
        return manager.create(data, new Shape(extents), type(tensor.dtype()));
    }

    private static DataType type(DType dtype) {
        return switch (dtype) {
            case F32 -> DataType.FLOAT32;
            case F16 -> DataType.FLOAT16;
            case BF16 -> DataType.BFLOAT16;
            case F64 -> DataType.FLOAT64;
            case I32 -> DataType.INT32;
            case I64 -> DataType.INT64;
            case U8 -> DataType.UINT8;
            case BOOL -> DataType.BOOLEAN;
        };
    }

    @Override
    public void run() {
        NDList set = sets.get(turn);
        turn = (turn + 1) % sets.size();
        forward(set).close();
    }

    /** DJL records what gradients need only while a collector is open. */
    private NDList forward(NDList arguments) {
        if (!differentiates) {
            return block.forward(parameters, arguments, false);
        }
        try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
            return block.forward(parameters, arguments, true);
        }
    }

    @Override
    public List<double[]> outputs(List<HostTensor> inputs) {
        NDList arguments = new NDList();
        inputs.forEach(input -> arguments.add(array(input)));
        List<double[]> numbers = new ArrayList<>();
        for (NDArray output : forward(arguments)) {
            numbers.add(output.toType(DataType.FLOAT64, true).toDoubleArray());
        }
        return numbers;
    }

    @Override
    public void close() {
        model.close();
        manager.close();
    }
}
