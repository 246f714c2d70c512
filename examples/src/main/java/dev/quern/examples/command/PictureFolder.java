package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.Gallery;
import dev.quern.examples.Picture;
import dev.quern.graph.plan.State;
import dev.quern.layers.data.Samples;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingListener;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A folder that gets what a model draws after each epoch: {@code samples-epoch-003.png}.
 *
 * @param folder  where; made if it is not there
 * @param gallery draws
 * @param state   holds the parameters
 * @param test    the test samples
 */
record PictureFolder(Path folder, Gallery gallery, State state, Samples test) implements TrainingListener {
    /**
     * The folder for a model.
     *
     * @throws UsageException if the model draws nothing, or the path is a file or cannot be made or written to
     */
    static PictureFolder of(Path folder, ExampleModel model, State state, Samples test) {
        Gallery gallery = model.gallery().orElseThrow(() -> new UsageException("--pictures " + folder + ": model " + model.name()
                + " draws nothing"));
        OutputFile.within("--pictures", folder, "picture.png");
        return new PictureFolder(folder, gallery, state, test);
    }

    @Override
    public void on(TrainingEvent event) {
        if (event instanceof TrainingEvent.Evaluated(int epoch, var _)) {
            for (Picture picture : gallery.draw(state, test)) {
                Path file = folder.resolve(String.format(Locale.ROOT, "%s-epoch-%03d.png", picture.name(), epoch));
                byte[] png = picture.png();
                new OutputFile(file).write(bytes -> bytes.write(png));
            }
        }
    }
}
