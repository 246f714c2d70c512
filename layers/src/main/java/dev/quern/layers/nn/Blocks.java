package dev.quern.layers.nn;

import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.BatchNorm.batchNorm2d;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.init.Initializer;
import java.util.ArrayList;
import java.util.List;

/** The blocks that networks for pictures repeat. All start convolutions as He et al. (2015) do for ReLU. */
public final class Blocks {
    private Blocks() {
    }

    /** A convolution for ReLU behind it. */
    public static Conv2d conv(int in, int out, int kernel) {
        return Conv2d.of(in, out, kernel).init(Initializer.kaimingNormal(), Initializer.zeros());
    }

    /** A dense layer for ReLU behind it. */
    public static Dense dense(int in, int out) {
        return Dense.of(in, out).init(Initializer.kaimingNormal(), Initializer.zeros());
    }

    /**
     * 3 x 3 convolutions with ReLU, then maximum pooling that halves the picture; members are numbered. Simonyan and Zisserman, 2015.
     *
     * @param convolutions how many
     * @param in           channels of the input
     * @param out          channels of each convolution
     * @param batchNorm    whether batch norm follows each convolution
     */
    public static Sequential vgg(int convolutions, int in, int out, boolean batchNorm) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < convolutions; i++) {
            layers.add(conv(i == 0 ? in : out, out, 3).padding(1));
            if (batchNorm) {
                layers.add(batchNorm2d(out));
            }
            layers.add(relu());
        }
        layers.add(MaxPool2d.of(2));
        return Sequential.of(layers.toArray(Layer[]::new));
    }

    /**
     * A convolution, then a small perceptron at each pixel: two 1 x 1 convolutions; ReLU behind each; members are numbered. Lin, Chen, Yan,
     * "Network in network", 2013.
     *
     * @param convolution the first, of any kernel
     * @param hidden      channels between the two
     * @param out         channels of the output
     */
    public static Sequential nin(Conv2d convolution, int hidden, int out) {
        return Sequential.of(convolution, relu(), conv(convolution.outChannels(), hidden, 1), relu(), conv(hidden, out, 1), relu());
    }

    /**
     * A convolution without bias as {@code conv}, batch norm as {@code bn} with torchvision's eps for it, ReLU.
     *
     * @param convolution the convolution; a bias is left out
     */
    public static Sequential convNormRelu(Conv2d convolution) {
        return Sequential.of(member("conv", convolution.withoutBias()), member("bn", batchNorm2d(convolution.outChannels()).eps(0.001)),
                member("relu", relu()));
    }

    /**
     * Four ways to look at the same pixels, side by side: 1 x 1, 3 x 3, 5 x 5 (each behind a 1 x 1 that has fewer channels) and pooling.
     * Szegedy et al., "Going deeper with convolutions", 2014, with batch norm; names and kernels as in torchvision, whose third branch
     * has a 3 x 3 in place of the 5 x 5.
     *
     * @param in        channels of the input
     * @param one       channels of the first branch
     * @param reduce3   channels before the second branch's 3 x 3
     * @param three     channels of the second branch
     * @param reduce5   channels before the third branch's convolution
     * @param five      channels of the third branch
     * @param projected channels of the fourth branch, behind its pooling
     */
    public static Branches inception(int in, int one, int reduce3, int three, int reduce5, int five, int projected) {
        return Branches.of(
                member("branch1", convNormRelu(conv(in, one, 1))),
                member("branch2", Sequential.of(convNormRelu(conv(in, reduce3, 1)), convNormRelu(conv(reduce3, three, 3).padding(1)))),
                member("branch3", Sequential.of(convNormRelu(conv(in, reduce5, 1)), convNormRelu(conv(reduce5, five, 3).padding(1)))),
                member("branch4", Sequential.of(MaxPool2d.of(Pool2dAttributes.kernel(3).stride(1).padding(1).ceilMode(true)),
                        convNormRelu(conv(in, projected, 1)))));
    }

    /**
     * Two 3 x 3 convolutions with a way around them. He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015, figure 2;
     * torchvision's {@code BasicBlock}.
     *
     * @param in     channels of the input
     * @param out    channels of the output
     * @param stride of the first convolution; with a stride or other channels, the way around is a 1 x 1 convolution
     */
    public static Residual residual(int in, int out, int stride) {
        return around(in, out, stride, Sequential.of(
                member("conv1", conv(in, out, 3).stride(stride).padding(1).withoutBias()), member("bn1", batchNorm2d(out)),
                member("relu", relu()),
                member("conv2", conv(out, out, 3).padding(1).withoutBias()), member("bn2", batchNorm2d(out))));
    }

    /**
     * A 3 x 3 convolution between two 1 x 1 that have it work on a quarter of the channels. The same paper, figure 5; torchvision's
     * {@code Bottleneck}, which has the stride in the 3 x 3. Parameters as of {@link #residual}.
     */
    public static Residual bottleneck(int in, int out, int stride) {
        int narrow = out / 4;
        return around(in, out, stride, Sequential.of(
                member("conv1", conv(in, narrow, 1).withoutBias()), member("bn1", batchNorm2d(narrow)), member("relu1", relu()),
                member("conv2", conv(narrow, narrow, 3).stride(stride).padding(1).withoutBias()), member("bn2", batchNorm2d(narrow)),
                member("relu2", relu()),
                member("conv3", conv(narrow, out, 1).withoutBias()), member("bn3", batchNorm2d(out))));
    }

    private static Residual around(int in, int out, int stride, Layer body) {
        Residual residual = Residual.of(body).then(relu());
        return stride == 1 && in == out ? residual
                : residual.shortcut(Sequential.of(conv(in, out, 1).stride(stride).withoutBias(), batchNorm2d(out)));
    }
}
