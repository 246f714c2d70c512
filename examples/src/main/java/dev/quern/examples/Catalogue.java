package dev.quern.examples;

import java.util.List;

/** The models and programs that commands know. */
public final class Catalogue {
    /** The models, in the order in which they are listed. */
    public static final List<ExampleModel> MODELS = List.of(new LinearRegression(), new SoftmaxRegression(), new Mlp(), new LeNet(), new LeNetClassic(),
            RowSequence.rnn(), RowSequence.gru(), RowSequence.lstm(), RowSequence.bilstm(), new Vgg(11), new Vgg(13), new Vgg(16),
            new Vgg(19), new Vgg(11, true), new Vgg(13, true), new Vgg(16, true), new Vgg(19, true), new ResNetDigits(), new CifarCnn(),
            new AlexNet(), new Nin(), new GoogLeNet(), new GoogLeNetWithHeads(), new ResNet(18), new ResNet(34), new ResNet(50),
            CharLm.lstm(), CharLm.gru(), new Gpt(), new Seq2Seq(), new Transformer(),
            new Vae(), new Gan());

    /** What is trained by a loop of its own. */
    public static final List<ExampleProgram> PROGRAMS = List.of(new Dqn(), new KMeans());

    private Catalogue() {
    }
}
