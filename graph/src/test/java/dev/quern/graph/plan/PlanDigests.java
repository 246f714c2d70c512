package dev.quern.graph.plan;

import dev.quern.graph.fuse.Region;
import dev.quern.graph.fuzz.GraphGrower;
import dev.quern.graph.ir.Node;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Devices;
import dev.quern.runtime.KernelText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Fingerprints of everything in the plans of random graphs: nodes, regions, variants, kernel texts, arguments, places in memory. */
final class PlanDigests {
    private PlanDigests() {
    }

    /** Prints a line for each graph of a seed: {@code DEVICE SEED COUNT}. */
    public static void main(String[] arguments) {
        FuzzSettings settings = new FuzzSettings(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), -1);
        try (Device device = Devices.open(arguments[0])) {
            settings.numbers().forEach(number -> System.out.println(of(settings, number, device.info())));
        }
    }

    /** The line of one graph. */
    static String of(FuzzSettings settings, int number, DeviceInfo info) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(text(settings, number, info).getBytes(StandardCharsets.UTF_8));
            return number + " " + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(FuzzSettings settings, int number, DeviceInfo info) {
        long seed = settings.seedOf(number);
        StringBuilder text = new StringBuilder();
        for (Draft draft : Draft.of(GraphGrower.grow("plan" + number, Choices.random(seed, seed), false).graph(), info, true)) {
            // Lines of code behind the nodes are the caller's, whoever that is.
            text.append(draft.graph().toString().replaceAll(" *// .*", "")).append('\n');
            for (int step = 0; step < draft.order().size(); step++) {
                Region region = draft.order().get(step);
                text.append(region.name()).append(region.nodes().stream().map(Node::name).toList()).append(region.work().problem().key())
                        .append(region.choice().variant().name()).append(region.choice().parameters()).append(region.choice().reason())
                        .append(region.epilogue()).append(draft.buffers().workspaces(step)).append('\n');
                for (PlannedLaunch launch : draft.kernels().get(step).launches()) {
                    text.append(launch.role()).append(launch.entry()).append(launch.grid()).append(launch.arguments())
                            .append(launch.source() instanceof KernelText kernel ? kernel.toString() : launch.source().name()).append('\n');
                }
            }
            text.append(draft.layout()).append(draft.buffers().outputs()).append(draft.buffers().inputs().values()).append('\n');
        }
        return text.toString();
    }
}
