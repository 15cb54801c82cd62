using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Perk.Core.Storage;

/// <summary>Objects as block blobs of a storage account.</summary>
/// <remarks>Storage failures other than "not there" and "there already" come as <see cref="RequestFailedException"/>.</remarks>
/// <param name="account">The account.</param>
public sealed class BlobStore(BlobServiceClient account) : IObjectStore
{
    /// <summary>
    /// A stream of unknown length would be read into memory up to 256 MiB before the first byte is sent; so it goes block by block, four at a time (at most
    /// 50,000 blocks: 390 GiB).
    /// </summary>
    private static readonly StorageTransferOptions Blocks = new() { InitialTransferSize = 8 << 20, MaximumTransferSize = 8 << 20, MaximumConcurrency = 4 };

    private readonly ConcurrentDictionary<string, bool> _made = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<Stream?> OpenReadAsync(ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            return await Blob(name).OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(ObjectName name, CancellationToken cancellationToken) =>
        await Blob(name).ExistsAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task WriteAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await MakeContainerAsync(name, cancellationToken);
        var bytes = BinaryData.FromBytes(content);
        await InContainerAsync(name, () => Blob(name).UploadAsync(bytes, overwrite: true, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(ObjectName name, Stream content, CancellationToken cancellationToken)
    {
        await MakeContainerAsync(name, cancellationToken);
        var start = content.CanSeek ? content.Position : 0;
        await InContainerAsync(name, () =>
        {
            if (content.CanSeek) content.Position = start;
            return Blob(name).UploadAsync(content, new BlobUploadOptions { TransferOptions = Blocks }, cancellationToken);
        }, content.CanSeek);
    }

    /// <inheritdoc/>
    public async Task<bool> TryCreateAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await MakeContainerAsync(name, cancellationToken);
        var unlessThere = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
        try
        {
            var bytes = BinaryData.FromBytes(content);
            await InContainerAsync(name, () => Blob(name).UploadAsync(bytes, unlessThere, cancellationToken));
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.Status == 412)
        {
            return false;
        }
        catch (ObjectLeasedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> ReadAsync(ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            var blob = (await Blob(name).DownloadContentAsync(cancellationToken)).Value;
            return new StoredObject(blob.Content.ToArray(), blob.Details.ETag.ToString());
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> TryReplaceAsync(
        ObjectName name, ReadOnlyMemory<byte> content, string version, string? lease, CancellationToken cancellationToken)
    {
        var ifSame = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(version), LeaseId = lease } };
        try
        {
            return (await Blob(name).UploadAsync(BinaryData.FromBytes(content), ifSame, cancellationToken)).Value.ETag.ToString();
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412 || e.ErrorCode == BlobErrorCode.LeaseNotPresentWithBlobOperation)
        {
            // A write whose reply was lost is sent again by the library and then refused for its own version.
            return await ReadAsync(name, cancellationToken) is { } there && there.Version != version && content.Span.SequenceEqual(there.Content)
                ? there.Version
                : null;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> TryLeaseAsync(ObjectName name, TimeSpan duration, CancellationToken cancellationToken)
    {
        // With an id of our own an attempt whose reply was lost can be repeated.
        var lease = Blob(name).GetBlobLeaseClient(Guid.NewGuid().ToString());
        try
        {
            return (await lease.AcquireAsync(duration, cancellationToken: cancellationToken)).Value.LeaseId;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryRenewAsync(ObjectName name, string lease, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(name).GetBlobLeaseClient(lease).RenewAsync(cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(ObjectName name, string lease, CancellationToken cancellationToken)
    {
        try
        {
            await Blob(name).GetBlobLeaseClient(lease).ReleaseAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            // Another's by now, or gone.
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = account.GetBlobContainerClient(ObjectName.CheckContainer(container));
        var options = new GetBlobsOptions { Prefix = ObjectName.CheckPrefix(prefix) };
        var paths = new List<string>();
        try
        {
            await foreach (var blob in client.GetBlobsAsync(options, cancellationToken)) paths.Add(blob.Name);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            yield break;
        }

        // An account with a hierarchical namespace sorts '/' before everything.
        paths.Sort(StringComparer.Ordinal);
        foreach (var path in paths) yield return path;
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            return await Blob(name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            throw new ObjectLeasedException(name);
        }
    }

    private BlobClient Blob(ObjectName name) => account.GetBlobContainerClient(name.Container).GetBlobClient(name.Path);

    private async Task MakeContainerAsync(ObjectName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_made.ContainsKey(name.Container)) return;
        await account.GetBlobContainerClient(name.Container).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        _made[name.Container] = true;
    }

    /// <summary>Writes; a container that somebody removed is made again, now or where the content cannot be read again by the next write.</summary>
    private async Task InContainerAsync(ObjectName name, Func<Task> write, bool again = true)
    {
        try
        {
            await write();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound && _made.TryRemove(name.Container, out _) && again)
        {
            await MakeContainerAsync(name, CancellationToken.None);
            await write();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            throw new ObjectLeasedException(name);
        }
    }
}
