package dev.quern.bench.workload;

import java.util.ArrayList;
import java.util.List;

/** The convolution layers of networks, for one image; equal layers are listed once with how often they occur. */
public final class Networks {
    private Networks() {
    }

    /** AlexNet on one device (Krizhevsky, 2014), 224x224. */
    public static List<ConvLayer> alexNet() {
        String net = "alexnet";
        return List.of(
                ConvLayer.square(net, "conv1", 3, 224, 64, 11, 2, 4, 1),
                ConvLayer.square(net, "conv2", 64, 27, 192, 5, 2, 1, 1),
                ConvLayer.square(net, "conv3", 192, 13, 384, 3, 1, 1, 1),
                ConvLayer.square(net, "conv4", 384, 13, 256, 3, 1, 1, 1),
                ConvLayer.square(net, "conv5", 256, 13, 256, 3, 1, 1, 1));
    }

    /** Configuration A of VGG (Simonyan and Zisserman, 2014), 224x224. */
    public static List<ConvLayer> vggA() {
        String net = "vgg-a";
        return List.of(
                ConvLayer.square(net, "conv1", 3, 224, 64, 3, 1, 1, 1),
                ConvLayer.square(net, "conv2", 64, 112, 128, 3, 1, 1, 1),
                ConvLayer.square(net, "conv3_1", 128, 56, 256, 3, 1, 1, 1),
                ConvLayer.square(net, "conv3_2", 256, 56, 256, 3, 1, 1, 1),
                ConvLayer.square(net, "conv4_1", 256, 28, 512, 3, 1, 1, 1),
                ConvLayer.square(net, "conv4_2", 512, 28, 512, 3, 1, 1, 1),
                ConvLayer.square(net, "conv5", 512, 14, 512, 3, 1, 1, 2));
    }

    /** GoogLeNet (Szegedy et al., 2014), table 1, 224x224. */
    public static List<ConvLayer> googLeNet() {
        String net = "googlenet";
        List<ConvLayer> layers = new ArrayList<>(List.of(
                ConvLayer.square(net, "conv1", 3, 224, 64, 7, 3, 2, 1),
                ConvLayer.square(net, "conv2_reduce", 64, 56, 64, 1, 0, 1, 1),
                ConvLayer.square(net, "conv2", 64, 56, 192, 3, 1, 1, 1)));
        inception(layers, "3a", 192, 28, 64, 96, 128, 16, 32, 32);
        inception(layers, "3b", 256, 28, 128, 128, 192, 32, 96, 64);
        inception(layers, "4a", 480, 14, 192, 96, 208, 16, 48, 64);
        inception(layers, "4b", 512, 14, 160, 112, 224, 24, 64, 64);
        inception(layers, "4c", 512, 14, 128, 128, 256, 24, 64, 64);
        inception(layers, "4d", 512, 14, 112, 144, 288, 32, 64, 64);
        inception(layers, "4e", 528, 14, 256, 160, 320, 32, 128, 128);
        inception(layers, "5a", 832, 7, 256, 160, 320, 32, 128, 128);
        inception(layers, "5b", 832, 7, 384, 192, 384, 48, 128, 128);
        return List.copyOf(layers);
    }

    /** The six convolutions of an inception module, in the columns of the paper's table. */
    private static void inception(List<ConvLayer> layers, String module, int c, int size, int one, int threeReduce, int three,
            int fiveReduce, int five, int poolProjection) {
        String net = "googlenet";
        layers.add(ConvLayer.square(net, module + "_1x1", c, size, one, 1, 0, 1, 1));
        layers.add(ConvLayer.square(net, module + "_3x3_reduce", c, size, threeReduce, 1, 0, 1, 1));
        layers.add(ConvLayer.square(net, module + "_3x3", threeReduce, size, three, 3, 1, 1, 1));
        layers.add(ConvLayer.square(net, module + "_5x5_reduce", c, size, fiveReduce, 1, 0, 1, 1));
        layers.add(ConvLayer.square(net, module + "_5x5", fiveReduce, size, five, 5, 2, 1, 1));
        layers.add(ConvLayer.square(net, module + "_pool", c, size, poolProjection, 1, 0, 1, 1));
    }

    /** ResNet-50 (He et al., 2015) with the stride in the 3x3 convolutions, 224x224. */
    public static List<ConvLayer> resNet50() {
        String net = "resnet50";
        List<ConvLayer> layers = new ArrayList<>(List.of(ConvLayer.square(net, "conv1", 3, 224, 64, 7, 3, 2, 1)));
        bottlenecks(layers, "conv2", 64, 56, 1, 64, 3);
        bottlenecks(layers, "conv3", 256, 56, 2, 128, 4);
        bottlenecks(layers, "conv4", 512, 28, 2, 256, 6);
        bottlenecks(layers, "conv5", 1024, 14, 2, 512, 3);
        return List.copyOf(layers);
    }

    /** A stage of bottleneck blocks, of which the first has the stride and a projection. */
    private static void bottlenecks(List<ConvLayer> layers, String stage, int c, int size, int stride, int width, int blocks) {
        String net = "resnet50";
        int out = 4 * width;
        int inner = size / stride;
        layers.add(ConvLayer.square(net, stage + "_1_a", c, size, width, 1, 0, 1, 1));
        layers.add(ConvLayer.square(net, stage + "_1_b", width, size, width, 3, 1, stride, stride == 1 ? blocks : 1));
        layers.add(ConvLayer.square(net, stage + "_c", width, inner, out, 1, 0, 1, blocks));
        layers.add(ConvLayer.square(net, stage + "_1_project", c, size, out, 1, 0, stride, 1));
        layers.add(ConvLayer.square(net, stage + "_a", out, inner, width, 1, 0, 1, blocks - 1));
        if (stride > 1) {
            layers.add(ConvLayer.square(net, stage + "_b", width, inner, width, 3, 1, 1, blocks - 1));
        }
    }

    /** All four networks, one after the other. */
    public static List<ConvLayer> all() {
        List<ConvLayer> all = new ArrayList<>(alexNet());
        all.addAll(vggA());
        all.addAll(googLeNet());
        all.addAll(resNet50());
        return List.copyOf(all);
    }
}
