package dev.quern.examples.programs;

import dev.quern.examples.LeNet;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import java.nio.file.Path;

/** Trains LeNet on digits and keeps what it learned. The first argument, if any, is a folder with MNIST's files. */
public final class TrainDigits {
    private TrainDigits() {
    }

    public static void main(String[] arguments) {
        LeNet lenet = new LeNet();
        Split<ImageDataset> digits = arguments.length > 0 ? Mnist.read(Path.of(arguments[0])) : SyntheticDigits.standard();
        try (Device device = Devices.open("auto");
                Trainer trainer = new Trainer(lenet.task(), digits, device, lenet.recipe().epochs(3))) {
            trainer.listen(event -> {
                if (event instanceof TrainingEvent.Evaluated(int epoch, var test)) {
                    System.out.println("epoch " + epoch + ": " + test.headline().value() + " of " + test.samples() + " right");
                }
            });
            trainer.train();
            trainer.save(Path.of("lenet.safetensors"));
        }
    }
}
