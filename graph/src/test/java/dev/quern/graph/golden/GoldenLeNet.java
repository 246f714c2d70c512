package dev.quern.graph.golden;

import dev.quern.graph.testing.Closeness;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.HostTensor;
import dev.quern.user.LeNetModel;
import java.util.List;

/** Five steps of LeNet with momentum against PyTorch's losses and final weights. */
final class GoldenLeNet {
    private final GoldenCase golden;
    private final GraphRunner.Factory runners;

    GoldenLeNet(GoldenCase golden, GraphRunner.Factory runners) {
        this.golden = golden;
        this.runners = runners;
    }

    void compare(List<String> failures) {
        int batch = golden.tensor("in.x0").shape().extent(0);
        int steps = (int) golden.number("steps");
        HostTensor losses = golden.tensor("out.losses");
        try (GraphRunner lenet = runners.of(LeNetModel.training(batch, golden.number("momentum")))) {
            golden.names("out.").stream().filter(name -> !name.equals("losses"))
                    .forEach(path -> lenet.write(path, golden.tensor("in." + path)));
            lenet.setScalar("lr", golden.number("lr"));
            for (int step = 0; step < steps; step++) {
                lenet.set("x", golden.tensor("in.x" + step));
                lenet.set("labels", golden.tensor("in.labels" + step));
                lenet.run();
                double loss = lenet.output("loss").get(0);
                double expected = losses.get(step);
                if (!(Math.abs(loss - expected) <= 1e-4 * Math.abs(expected))) {
                    failures.add(golden.name() + ": loss " + step + " is " + loss + ", expected " + expected);
                }
            }
            for (String name : golden.names("out.")) {
                if (!name.equals("losses")) {
                    Closeness.difference(lenet.state(name), golden.tensor("out." + name), 1e-4, 1e-6)
                            .ifPresent(difference -> failures.add(golden.name() + ": " + name + " " + difference));
                }
            }
        }
    }
}
