/** What the devices share in keeping their promises: accounting, leak reports and the checks made before a launch. */
package dev.quern.runtime.internal;
