package dev.quern.bench.peers;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerTask;

/** PyTorch through DJL, on all cores: scripts, and training steps with DJL's trainer. */
public final class PyTorchPeer implements Peer {
    private final int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public String description() {
        return "PyTorch " + Engine.getInstance().getVersion() + " (DJL " + Engine.getDjlVersion() + "), " + threads + " threads";
    }

    @Override
    public Work prepare(PeerTask task) throws Exception {
        // The natives come from the class path; nothing is ever downloaded.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        // Operators run as they are called, without a profiling pass that rewrites them.
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        return switch (task) {
            case PeerTask.Gemm gemm -> new TorchOperation(new PeerTask.Operation("gemm", gemm.inputs(),
                    "def run(x0, x1):\n  return torch.mm(" + (gemm.transposeA() ? "torch.t(x0)" : "x0") + ", "
                            + (gemm.transposeB() ? "torch.t(x1)" : "x1") + ")\n", gemm.sets()));
            case PeerTask.Operation operation -> new TorchOperation(operation);
            case PeerTask.Train train -> {
                TorchModels.Described model = TorchModels.named(train.model());
                yield new Step(model.block(), model.sample(), train.batch());
            }
        };
    }

    private static final class Step implements Work {
        private final Model model = Model.newInstance("peer", Device.cpu());
        private final Trainer trainer;
        private final NDArray images;
        private final NDArray labels;

        Step(Block block, Shape sample, int batch) {
            model.setBlock(block);
            Shape shape = new Shape(batch).addAll(sample);
            trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                    .optDevices(new Device[] {Device.cpu()})
                    .optOptimizer(Optimizer.sgd().setLearningRateTracker(Tracker.fixed(0.01f)).optMomentum(0.9f).build()));
            trainer.initialize(shape);
            NDManager manager = trainer.getManager();
            images = manager.randomUniform(0, 1, shape);
            labels = manager.randomInteger(0, 10, new Shape(batch), DataType.INT64);
        }

        @Override
        public void run() {
            try (NDManager scope = trainer.getManager().newSubManager()) {
                scope.tempAttachAll(images, labels);
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    NDArray loss = trainer.getLoss().evaluate(new NDList(labels), trainer.forward(new NDList(images)));
                    collector.backward(loss);
                    loss.getFloat();
                }
                trainer.step();
            }
        }

        @Override
        public void close() {
            trainer.close();
            model.close();
        }
    }
}
