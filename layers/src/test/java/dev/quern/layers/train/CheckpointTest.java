package dev.quern.layers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.checkpoint.Safetensors;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.testing.LeNetModel;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final Split<ImageDataset> DATA = SyntheticDigits.generate(0, 64, 10);

    @TempDir
    Path folder;

    private Path saved;

    private static TrainOptions options() {
        return TrainOptions.defaults().epochs(2).batch(16);
    }

    private static Trainer trainer(TrainOptions options) {
        return new Trainer(Classification.of(LeNetModel.model()), DATA, TestDevices.shared("host"), options);
    }

    @BeforeEach
    void trainOneEpoch() {
        saved = folder.resolve("saved.safetensors");
        try (Trainer trainer = trainer(options().epochs(1))) {
            trainer.train();
            trainer.save(saved);
        }
    }

    @Test
    void holdsParametersUnderTheirPathsAndWhereTrainingStood() {
        Safetensors content = Checkpoint.read(saved).content();
        assertThat(content.tensors()).containsOnlyKeys("0.weight", "0.bias", "3.weight", "3.bias", "7.weight", "7.bias",
                "9.weight", "9.bias", "11.weight", "11.bias",
                "optimizer/momentum_buffer/0.weight", "optimizer/momentum_buffer/0.bias",
                "optimizer/momentum_buffer/3.weight", "optimizer/momentum_buffer/3.bias",
                "optimizer/momentum_buffer/7.weight", "optimizer/momentum_buffer/7.bias",
                "optimizer/momentum_buffer/9.weight", "optimizer/momentum_buffer/9.bias",
                "optimizer/momentum_buffer/11.weight", "optimizer/momentum_buffer/11.bias");
        assertThat(content.metadata()).containsEntry("model", "lenet").containsEntry("epoch", "1").containsEntry("step", "4")
                .containsEntry("seed", "1").containsEntry("batch", "16");
        assertThat(content.metadata().get("plan_hash")).isNotBlank();
    }

    @Test
    void whatIsLoadedIsWhatWasSavedBitForBit() {
        Safetensors content = Checkpoint.read(saved).content();
        try (Trainer trainer = trainer(options())) {
            trainer.resume(saved);
            content.tensors().forEach((name, tensor) -> assertThat(trainer.state().read(name).memory()
                    .mismatch(tensor.memory())).as(name).isEqualTo(-1));
            trainer.save(folder.resolve("again"));
        }
        assertThat(folder.resolve("again")).hasSameBinaryContentAs(saved);
    }

    /** Changes a copy of the checkpoint, and expects that resuming from it fails and changes nothing. */
    private void expectRefusal(TrainOptions options, Consumer<TreeMap<String, HostTensor>> tensors,
            Consumer<TreeMap<String, String>> metadata, String... message) {
        Safetensors content = Checkpoint.read(saved).content();
        TreeMap<String, HostTensor> changedTensors = new TreeMap<>(content.tensors());
        TreeMap<String, String> changedMetadata = new TreeMap<>(content.metadata());
        tensors.accept(changedTensors);
        metadata.accept(changedMetadata);
        Path changed = folder.resolve("changed");
        new Safetensors(changedMetadata, changedTensors).write(changed);
        try (Trainer trainer = trainer(options)) {
            HostTensor before = trainer.state().read("0.bias");
            assertThatThrownBy(() -> trainer.resume(changed)).isInstanceOf(QuernException.class)
                    .hasMessageContainingAll(message).hasMessageContaining(changed.toString()).hasMessageNotContaining("\n");
            assertThat(trainer.state().read("0.bias").memory().mismatch(before.memory())).isEqualTo(-1);
        }
    }

    @Test
    void aCheckpointThatDoesNotFitIsRefusedWithWhatDiffers() {
        expectRefusal(options(), tensors -> tensors.remove("9.weight"), metadata -> { }, "lacks tensor 9.weight");
        expectRefusal(options(), tensors -> tensors.put("12.weight", tensors.get("0.weight")), metadata -> { },
                "unexpected tensor 12.weight");
        expectRefusal(options(), tensors -> tensors.put("11.bias", HostTensor.of(Shape.of(2), 1f, 2f)), metadata -> { },
                "tensor 11.bias is F32[2], the model has F32[10]");
        expectRefusal(options(), tensors -> tensors.put("11.bias", HostTensor.of(Shape.of(10), new int[10])), metadata -> { },
                "tensor 11.bias is I32[10]");
        expectRefusal(options(), tensors -> { }, metadata -> metadata.put("model", "mlp"), "holds model mlp, expected lenet");
        expectRefusal(options(), tensors -> { }, metadata -> metadata.remove("step"), "has no metadata step");
        expectRefusal(options(), tensors -> { }, metadata -> metadata.put("step", "x"), "metadata step is 'x'");
        expectRefusal(options(), tensors -> { }, metadata -> metadata.put("step", "9"), "step 9", "more epochs");
        expectRefusal(options().seed(5), tensors -> { }, metadata -> { }, "seed 1, not 5");
        expectRefusal(options().batch(32), tensors -> { }, metadata -> { }, "batch 16 and 4 steps an epoch, not 32 and 2");
        expectRefusal(options().optimizer(Sgd.plain()), tensors -> { }, metadata -> { },
                "was trained with sgd(momentum=0.9", "not sgd(momentum=0.0");
        expectRefusal(options().optimizer(Sgd.plain()), tensors -> { }, metadata -> metadata.remove("optimizer"),
                "unexpected tensor optimizer/momentum_buffer/0.bias and 9 more");
    }

    @Test
    void parametersOfATrainingCheckpointCanBeEvaluatedAlone() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device);
                Evaluator evaluator = new Evaluator(Classification.of(LeNetModel.model()), 8, device, state);
                Trainer trainer = trainer(options())) {
            evaluator.load(Checkpoint.read(saved));
            trainer.resume(saved);
            assertThat(evaluator.evaluate(DATA.test()).metric("loss")).isEqualTo(trainer.evaluate().metric("loss"));
            assertThat(evaluator.evaluate(DATA.test()).samples()).isEqualTo(10);
        }
    }
}
