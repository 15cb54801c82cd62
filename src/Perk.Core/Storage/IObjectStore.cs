namespace Perk.Core.Storage;

/// <summary>Named bytes in containers: a folder (<see cref="DirectoryStore"/>) or Azure Blob (<see cref="BlobStore"/>).</summary>
/// <remarks>
/// A reader sees a whole object or none. A container comes into being with its first object. An object's path should not be the
/// folder of another's. Every method throws <see cref="OperationCanceledException"/> when its token is cancelled.
/// </remarks>
public interface IObjectStore
{
    /// <summary>Opens an object for reading, piece by piece; one that is replaced meanwhile may end in an error.</summary>
    /// <returns>A seekable stream, which the caller disposes of; null where there is no such object.</returns>
    Task<Stream?> OpenReadAsync(ObjectName name, CancellationToken cancellationToken);

    /// <summary>Whether there is such an object.</summary>
    Task<bool> ExistsAsync(ObjectName name, CancellationToken cancellationToken);

    /// <summary>Writes an object, in place of one that is there already.</summary>
    /// <exception cref="ObjectLeasedException">Another process holds a lease on it.</exception>
    Task WriteAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Writes an object from the stream's position to its end, in place of one that is there already.</summary>
    Task WriteAsync(ObjectName name, Stream content, CancellationToken cancellationToken);

    /// <summary>Writes an object unless there is one already. Of several callers at once, one gets true.</summary>
    /// <returns>
    /// False where there is one. After a lost reply that may be the caller's own: make names say what the bytes are and take
    /// false for success.
    /// </returns>
    Task<bool> TryCreateAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads a whole object with its version.</summary>
    /// <returns>Null where there is no such object.</returns>
    Task<StoredObject?> ReadAsync(ObjectName name, CancellationToken cancellationToken);

    /// <summary>Writes an object in place of a version of it that the caller has seen. Of several callers at once, one succeeds.</summary>
    /// <param name="name">The object.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="version">The version that may be replaced.</param>
    /// <param name="lease">The caller's lease; null where the object must not be leased.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The new version; null where the object is another or gone meanwhile, leased by another, or the lease has run out.</returns>
    Task<string?> TryReplaceAsync(ObjectName name, ReadOnlyMemory<byte> content, string version, string? lease, CancellationToken cancellationToken);

    /// <summary>Keeps everybody else from writing or removing an object, until the lease is given back or not renewed in time.</summary>
    /// <param name="name">The object.</param>
    /// <param name="duration">15 to 60 seconds.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The lease; null where the object is leased by another, or not there.</returns>
    Task<string?> TryLeaseAsync(ObjectName name, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Begins a lease's duration anew.</summary>
    /// <returns>False where it is no longer the caller's.</returns>
    Task<bool> TryRenewAsync(ObjectName name, string lease, CancellationToken cancellationToken);

    /// <summary>Gives a lease back; one that is no longer the caller's stays as it is.</summary>
    Task ReleaseAsync(ObjectName name, string lease, CancellationToken cancellationToken);

    /// <summary>The paths in a container that begin with a prefix ("" for all), in ordinal order.</summary>
    /// <exception cref="ArgumentException">The container or prefix is no beginning of a good name.</exception>
    IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an object.</summary>
    /// <exception cref="ObjectLeasedException">Another process holds a lease on it.</exception>
    /// <returns>False where there was none.</returns>
    Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken);
}

/// <summary>An object as it was read.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Version">What it is replaced by.</param>
public sealed record StoredObject(byte[] Content, string Version);

/// <summary>An object is leased by another process and stays as it is.</summary>
/// <param name="name">The object.</param>
public sealed class ObjectLeasedException(ObjectName name) : IOException($"{name} is being worked on by another process; try again later.");

/// <summary>What follows from <see cref="IObjectStore"/>.</summary>
public static class ObjectStoreExtensions
{
    /// <summary>Reads a whole object into memory.</summary>
    /// <returns>Its bytes; null where there is no such object.</returns>
    public static async Task<byte[]?> ReadAllBytesAsync(this IObjectStore store, ObjectName name, CancellationToken cancellationToken) =>
        (await store.ReadAsync(name, cancellationToken))?.Content;
}
