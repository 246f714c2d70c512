package dev.quern.layers.checkpoint;

import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.State;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A {@link State} written down: parameters under their PyTorch-like paths, optimizer state under {@code optimizer/…}, and
 * metadata that tells where training stood. Any tool that reads safetensors reads it.
 *
 * @param path    where it was read from
 * @param content its tensors and metadata
 */
public record Checkpoint(Path path, Safetensors content) {
    /** Metadata: the model's name. */
    public static final String MODEL = "model";
    /** Characters of a metadata value that a message shows. */
    private static final int SHOWN = 80;

    /**
     * Reads and checks a file.
     *
     * @throws QuernException if it is missing, truncated or damaged
     */
    public static Checkpoint read(Path path) {
        return new Checkpoint(path, Safetensors.read(path));
    }

    /**
     * Writes the whole state, so that the path at every moment holds the old file or the new one.
     *
     * @throws QuernException if the folder or the disk refuses
     */
    public static void write(Path path, State state, Map<String, String> metadata) {
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        for (String name : state.paths()) {
            tensors.put(name, state.read(name));
        }
        new Safetensors(new TreeMap<>(metadata), tensors).write(path);
    }

    /**
     * Says whether this checkpoint is of a model; a file without that metadata, from another tool, passes.
     *
     * @throws QuernException if it is another model's
     */
    public void requireModel(String model) {
        String found = content.metadata().getOrDefault(MODEL, model);
        if (!found.equals(model)) {
            throw new QuernException(path + ": holds model " + found + ", expected " + model);
        }
    }

    /**
     * Says whether this checkpoint carries what a model carries: its vocabulary, its settings. What it does not say passes.
     *
     * @throws QuernException if something differs
     */
    public void requireMetadata(Map<String, String> carried) {
        carried.forEach((key, value) -> {
            String found = content.metadata().getOrDefault(key, value);
            if (!found.equals(value)) {
                throw new QuernException(path + ": was made with " + key + " " + shortened(found) + ", the model has " + shortened(value));
            }
        });
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** A number of the metadata. */
    public long number(String key) {
        String text = content.metadata().get(key);
        if (text == null) {
            throw new QuernException(path + ": has no metadata " + key + "; it was not written by training and cannot be "
                    + "resumed from");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new QuernException(path + ": metadata " + key + " is '" + text + "', expected a whole number", e);
        }
    }

    /**
     * Copies tensors into a state. Everything is checked before anything is changed. PyTorch's {@code num_batches_tracked} of batch norms
     * are passed over: nothing here depends on them.
     *
     * @param state    holds the expected tensors
     * @param expected the tensors to load, by path
     * @param leftOver tensors of the file whose names begin with one of these may be left over
     * @throws QuernException if one is missing, is not expected, or has another type
     */
    public void restore(State state, SortedMap<String, TensorType> expected, Collection<String> leftOver) {
        SortedMap<String, HostTensor> tensors = content.tensors();
        TreeSet<String> missing = new TreeSet<>(expected.keySet());
        missing.removeAll(tensors.keySet());
        if (!missing.isEmpty()) {
            throw new QuernException(path + ": lacks tensor " + some(missing) + "; is it a checkpoint of this model and "
                    + "optimizer?");
        }
        TreeSet<String> unexpected = new TreeSet<>(tensors.keySet());
        unexpected.removeAll(expected.keySet());
        unexpected.removeIf(name -> name.endsWith(".num_batches_tracked"));
        unexpected.removeIf(name -> leftOver.stream().anyMatch(name::startsWith));
        if (!unexpected.isEmpty()) {
            throw new QuernException(path + ": has unexpected tensor " + some(unexpected) + "; is it a checkpoint of this "
                    + "model and optimizer?");
        }
        expected.forEach((name, type) -> {
            HostTensor tensor = tensors.get(name);
            if (tensor.dtype() != type.dtype() || !tensor.shape().equals(type.shape())) {
                throw new QuernException(path + ": tensor " + name + " is " + tensor + ", the model has " + type);
            }
        });
        expected.keySet().forEach(name -> state.write(name, tensors.get(name)));
    }

    private static String some(TreeSet<String> names) {
        return names.first() + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more");
    }
}
