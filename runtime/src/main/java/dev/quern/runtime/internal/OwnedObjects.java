package dev.quern.runtime.internal;

import dev.quern.runtime.Recording;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What a device made and nobody has closed yet. Callers hold the device's lock. */
public final class OwnedObjects {
    private final Set<DeviceObject> objects = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Takes an object over and returns it. */
    public <T extends DeviceObject> T add(T object) {
        objects.add(object);
        return object;
    }

    /** Its user closed it. */
    public void remove(DeviceObject object) {
        objects.remove(object);
    }

    /** Gives up all that is left, in the order to release it in: recordings hold kernels with memory bound, so they go first. */
    public List<DeviceObject> drain() {
        List<DeviceObject> left = new ArrayList<>(objects.size());
        objects.stream().filter(Recording.class::isInstance).forEach(left::add);
        objects.stream().filter(object -> !(object instanceof Recording)).forEach(left::add);
        objects.clear();
        return left;
    }
}
