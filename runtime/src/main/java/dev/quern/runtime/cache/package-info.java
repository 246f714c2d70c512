/** Compiled programs kept on disk between runs. */
package dev.quern.runtime.cache;
