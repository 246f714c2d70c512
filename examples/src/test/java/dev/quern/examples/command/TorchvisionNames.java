package dev.quern.examples.command;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The names and shapes of torchvision's state dictionaries, written down from its definitions and independent of the models here. */
final class TorchvisionNames {
    private static final String COUNTER = "num_batches_tracked";

    private final Map<String, String> shapes = new TreeMap<>();

    private TorchvisionNames() {
    }

    /** Shapes by name, {@code [64, 3, 7, 7]}; of a counter {@code []}. */
    static Map<String, String> of(String network) {
        TorchvisionNames names = new TorchvisionNames();
        switch (network) {
            case "alexnet" -> names.alexnet();
            case "googlenet" -> names.googlenet();
            default -> {
                int depth = Integer.parseInt(network.replaceAll("\\D", ""));
                if (network.startsWith("resnet")) {
                    names.resnet(depth);
                } else {
                    names.vgg(depth, network.endsWith("-bn"));
                }
            }
        }
        return names.shapes;
    }

    /** Whether torchvision keeps it and nothing here depends on it. */
    static boolean isCounter(String name) {
        return name.endsWith(COUNTER);
    }

    private void put(String name, Integer... extents) {
        shapes.put(name, List.of(extents).toString());
    }

    private void conv(String name, int out, int in, int kernel, boolean bias) {
        put(name + ".weight", out, in, kernel, kernel);
        if (bias) {
            put(name + ".bias", out);
        }
    }

    private void linear(String name, int out, int in) {
        put(name + ".weight", out, in);
        put(name + ".bias", out);
    }

    private void norm(String name, int channels) {
        for (String each : new String[] {"weight", "bias", "running_mean", "running_var"}) {
            put(name + "." + each, channels);
        }
        put(name + "." + COUNTER);
    }

    private void alexnet() {
        conv("features.0", 64, 3, 11, true);
        conv("features.3", 192, 64, 5, true);
        conv("features.6", 384, 192, 3, true);
        conv("features.8", 256, 384, 3, true);
        conv("features.10", 256, 256, 3, true);
        linear("classifier.1", 4096, 9216);
        linear("classifier.4", 4096, 4096);
        linear("classifier.6", 1000, 4096);
    }

    private void vgg(int depth, boolean batchNorm) {
        String plan = switch (depth) {
            case 11 -> "64 M 128 M 256 256 M 512 512 M 512 512 M";
            case 13 -> "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M";
            case 16 -> "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M";
            default -> "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M";
        };
        int at = 0;
        int in = 3;
        for (String word : plan.split(" ")) {
            if (word.equals("M")) {
                at++;
                continue;
            }
            int out = Integer.parseInt(word);
            conv("features." + at, out, in, 3, true);
            if (batchNorm) {
                norm("features." + (at + 1), out);
            }
            at += batchNorm ? 3 : 2;
            in = out;
        }
        linear("classifier.0", 4096, 25088);
        linear("classifier.3", 4096, 4096);
        linear("classifier.6", 1000, 4096);
    }

    private void resnet(int depth) {
        int[] blocks = depth == 18 ? new int[] {2, 2, 2, 2} : new int[] {3, 4, 6, 3};
        boolean bottleneck = depth == 50;
        conv("conv1", 64, 3, 7, false);
        norm("bn1", 64);
        int in = 64;
        for (int stage = 1; stage <= 4; stage++) {
            int planes = 32 << stage;
            int out = bottleneck ? 4 * planes : planes;
            for (int block = 0; block < blocks[stage - 1]; block++) {
                String name = "layer" + stage + "." + block;
                if (bottleneck) {
                    conv(name + ".conv1", planes, in, 1, false);
                    conv(name + ".conv2", planes, planes, 3, false);
                    conv(name + ".conv3", out, planes, 1, false);
                    norm(name + ".bn3", out);
                } else {
                    conv(name + ".conv1", planes, in, 3, false);
                    conv(name + ".conv2", planes, planes, 3, false);
                }
                norm(name + ".bn1", planes);
                norm(name + ".bn2", planes);
                if (in != out) {
                    conv(name + ".downsample.0", out, in, 1, false);
                    norm(name + ".downsample.1", out);
                }
                in = out;
            }
        }
        linear("fc", 1000, in);
    }

    private void basic(String name, int out, int in, int kernel) {
        conv(name + ".conv", out, in, kernel, false);
        norm(name + ".bn", out);
    }

    private void inception(String name, int in, int one, int before3, int three, int before5, int five, int pooled) {
        basic(name + ".branch1", one, in, 1);
        basic(name + ".branch2.0", before3, in, 1);
        basic(name + ".branch2.1", three, before3, 3);
        basic(name + ".branch3.0", before5, in, 1);
        basic(name + ".branch3.1", five, before5, 3);
        basic(name + ".branch4.1", pooled, in, 1);
    }

    private void googlenet() {
        basic("conv1", 64, 3, 7);
        basic("conv2", 64, 64, 1);
        basic("conv3", 192, 64, 3);
        inception("inception3a", 192, 64, 96, 128, 16, 32, 32);
        inception("inception3b", 256, 128, 128, 192, 32, 96, 64);
        inception("inception4a", 480, 192, 96, 208, 16, 48, 64);
        inception("inception4b", 512, 160, 112, 224, 24, 64, 64);
        inception("inception4c", 512, 128, 128, 256, 24, 64, 64);
        inception("inception4d", 512, 112, 144, 288, 32, 64, 64);
        inception("inception4e", 528, 256, 160, 320, 32, 128, 128);
        inception("inception5a", 832, 256, 160, 320, 32, 128, 128);
        inception("inception5b", 832, 384, 192, 384, 48, 128, 128);
        for (int head = 1; head <= 2; head++) {
            basic("aux" + head + ".conv", 128, head == 1 ? 512 : 528, 1);
            linear("aux" + head + ".fc1", 1024, 2048);
            linear("aux" + head + ".fc2", 1000, 1024);
        }
        linear("fc", 1000, 1024);
    }
}
