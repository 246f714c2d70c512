package dev.quern.runtime;

import java.util.List;

/**
 * Makes the devices of one API known, through {@link java.util.ServiceLoader}. A provider whose driver is missing lists
 * nothing and says why; it never throws and never loads a driver before it is asked.
 */
public interface DeviceProvider {
    /** The prefix of its devices' ids: {@code opencl}, {@code host}. */
    String api();

    /** Every device that can be opened now. Listing opens none of them. */
    List<DeviceInfo> list();

    /** Why there is no device (or fewer than might be expected) and what to install; empty when nothing is missing. */
    String absence();

    /**
     * Opens a device.
     *
     * @param id an id from {@link #list()}
     * @throws DeviceNotFoundException if there is no such device
     */
    Device open(String id);
}
