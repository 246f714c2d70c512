package dev.quern.layers.testing;

import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.runtime.Shape;

/** The models of these tests. */
public final class LeNetModel {
    private LeNetModel() {
    }

    /** LeNet-5 with rectifiers and maximum pooling; parameters 0, 3, 7, 9 and 11. */
    public static Model model() {
        return new Model("lenet", Shape.of(1, 28, 28), 10, Sequential.of(
                Conv2d.of(1, 6, 5).padding(2), Activation.relu(), MaxPool2d.of(2),
                Conv2d.of(6, 16, 5), Activation.relu(), MaxPool2d.of(2),
                Flatten.of(),
                Dense.of(400, 120), Activation.relu(),
                Dense.of(120, 84), Activation.relu(),
                Dense.of(84, 10)));
    }

    /** One dense layer. */
    public static Model dense(int inputs) {
        return new Model("dense" + inputs, Shape.of(inputs), 10, Dense.of(inputs, 10));
    }
}
