package dev.quern.runtime;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds the machine's devices and opens them by name: {@code opencl:0}, {@code opencl} (the first of that API),
 * {@code host}, or {@code auto}. Providers come through {@link ServiceLoader}; only those that a name concerns are asked.
 */
public final class Devices {
    /** The name that lets Quern choose. */
    public static final String AUTO = "auto";

    private Devices() {
    }

    /**
     * A device that was chosen but not opened yet.
     *
     * @param info   the device
     * @param reason why it was chosen, for people; empty if it was named
     */
    public record Choice(DeviceInfo info, String reason) {
        /** Opens the device. */
        public Device open() {
            return provider(api(info.id())).open(info.id());
        }

        /** The line that commands print: {@code device opencl:0 <name> (why)}. */
        public String line() {
            return "device " + info.id() + " " + info.name() + (reason.isEmpty() ? "" : " (" + reason + ")");
        }
    }

    /** Every device of every API. Opens none. */
    public static List<DeviceInfo> list() {
        return providers().values().stream().flatMap(provider -> provider.list().stream()).toList();
    }

    /** What is missing, one line an API: why it has no device and what to install. */
    public static List<String> absences() {
        return providers().values().stream().map(DeviceProvider::absence).filter(line -> !line.isEmpty()).toList();
    }

    /**
     * Opens a device by name.
     *
     * @throws DeviceNotFoundException if nothing answers to the name
     */
    public static Device open(String name) {
        return choose(name).open();
    }

    /**
     * Chooses a device. {@code auto} prefers a GPU, then another accelerator, then OpenCL on the processor, then the
     * host device.
     *
     * @throws DeviceNotFoundException if nothing answers to the name
     */
    public static Choice choose(String name) {
        if (name.equals(AUTO)) {
            return chooseBest();
        }
        DeviceProvider provider = providers().get(api(name));
        if (provider == null) {
            throw new DeviceNotFoundException(unknown(name));
        }
        List<DeviceInfo> devices = provider.list();
        if (devices.isEmpty()) {
            throw new DeviceNotFoundException("device \"" + name + "\" is not there. " + provider.absence());
        }
        return devices.stream().filter(info -> info.id().equals(name) || provider.api().equals(name)).findFirst()
                .map(info -> new Choice(info, ""))
                .orElseThrow(() -> new DeviceNotFoundException(unknown(name)));
    }

    private static Choice chooseBest() {
        List<DeviceInfo> devices = list();
        DeviceInfo best = devices.stream().min(Comparator.comparing(DeviceInfo::kind))
                .orElseThrow(() -> new DeviceNotFoundException("no device at all: " + String.join("; ", absences())));
        List<String> notes = new ArrayList<>();
        notes.add(switch (best.kind()) {
            case GPU -> "chosen automatically: the first GPU";
            case ACCELERATOR -> "chosen automatically: the first accelerator; there is no GPU";
            case CPU -> "chosen automatically: OpenCL on the processor; no GPU has a driver";
            case HOST -> "chosen automatically: the built-in Java device, slower than OpenCL on the same processor";
        });
        if (best.kind() == DeviceKind.HOST) {
            notes.addAll(absences());
        }
        return new Choice(best, String.join("; ", notes));
    }

    private static String unknown(String name) {
        String known = list().stream().map(DeviceInfo::id).collect(Collectors.joining(", "));
        List<String> missing = absences();
        return "no device \"" + name + "\": there are " + known + " (and " + AUTO + ")"
                + (missing.isEmpty() ? "" : ". " + String.join("; ", missing));
    }

    private static String api(String id) {
        int colon = id.indexOf(':');
        return colon < 0 ? id : id.substring(0, colon);
    }

    private static DeviceProvider provider(String api) {
        return providers().get(api);
    }

    /** By API, in the order of their names. */
    private static Map<String, DeviceProvider> providers() {
        Map<String, DeviceProvider> providers = new TreeMap<>();
        for (DeviceProvider provider : ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader())) {
            providers.putIfAbsent(provider.api(), provider);
        }
        return providers;
    }
}
