package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.Gallery;
import dev.quern.examples.Picture;
import dev.quern.graph.plan.State;
import dev.quern.layers.data.Samples;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingListener;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
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
     * @throws UsageException if the model draws nothing, or the path is a file
     */
    static PictureFolder of(Path folder, ExampleModel model, State state, Samples test) {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new UsageException("--pictures " + folder + ": is a file; name a folder");
        }
        return new PictureFolder(folder, model.gallery().orElseThrow(
                () -> new UsageException("--pictures " + folder + ": model " + model.name() + " draws nothing")), state, test);
    }

    @Override
    public void on(TrainingEvent event) {
        if (event instanceof TrainingEvent.Evaluated(int epoch, var _)) {
            for (Picture picture : gallery.draw(state, test)) {
                Path file = folder.resolve(String.format(Locale.ROOT, "%s-epoch-%03d.png", picture.name(), epoch));
                try {
                    Files.createDirectories(folder);
                    Files.write(file, picture.png());
                } catch (IOException e) {
                    throw new QuernException(file + ": cannot be written: " + e.getMessage(), e);
                }
            }
        }
    }
}
