package dev.quern.examples;

import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What may be chosen about a model, with the choices made.
 *
 * @param all in the order in which they are listed
 */
public record Settings(List<Setting> all) {
    /** Metadata of a checkpoint: the choices it was trained with, {@code activation=tanh, dropout=0.2}. */
    public static final String KEY = "settings";

    public Settings {
        all = List.copyOf(all);
    }

    /** These. */
    public static Settings of(Setting... settings) {
        return new Settings(List.of(settings));
    }

    /**
     * These with other values.
     *
     * @param model  the model's name, for messages
     * @param values values by name
     * @throws QuernException if a name or a value is not valid; the message lists those that are
     */
    public Settings with(String model, Map<String, String> values) {
        List<Setting> changed = new ArrayList<>(all);
        values.forEach((name, value) -> {
            int at = all.stream().map(Setting::name).toList().indexOf(name);
            if (at < 0) {
                throw new QuernException("model " + model + " has no setting " + name + "; " + (all.isEmpty() ? "it has none"
                        : "there are " + all.stream().map(each -> each.name() + " (" + each.valid() + ")").collect(Collectors.joining(", "))));
            }
            if (!all.get(at).accepts().test(value)) {
                throw new QuernException("setting " + name + " of model " + model + " cannot be '" + value + "'; valid are "
                        + all.get(at).valid());
            }
            changed.set(at, all.get(at).withValue(value));
        });
        return new Settings(changed);
    }

    /** The value of one. */
    public String text(String name) {
        return all.stream().filter(setting -> setting.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no setting " + name)).value();
    }

    /** The value of one that is a number. */
    public double number(String name) {
        return Double.parseDouble(text(name));
    }

    /** The choices as a checkpoint keeps them; empty where there is nothing to choose. */
    public Map<String, String> metadata() {
        return all.isEmpty() ? Map.of() : Map.of(KEY, all.stream().map(each -> each.name() + "=" + each.value())
                .collect(Collectors.joining(", ")));
    }

    /** The values in a checkpoint's metadata, by name. */
    public static Map<String, String> read(Map<String, String> metadata) {
        TreeMap<String, String> values = new TreeMap<>();
        for (String choice : metadata.getOrDefault(KEY, "").split(", ")) {
            int equals = choice.indexOf('=');
            if (equals > 0) {
                values.put(choice.substring(0, equals), choice.substring(equals + 1));
            }
        }
        return values;
    }
}
