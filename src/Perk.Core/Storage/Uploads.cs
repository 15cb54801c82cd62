using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace Perk.Core.Storage;

/// <summary>The container <see cref="Names.Uploads"/>: blobs that others put there under any name, <c>{collection}/…</c>, to be submitted.</summary>
/// <param name="account">The account.</param>
public sealed class Uploads(StorageAccount account)
{
    private const string RefusedKey = "perkrefused";

    /// <summary>Clocks differ: an address holds from a little before now.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly BlobContainerClient _container = account.Blobs.GetBlobContainerClient(Names.Uploads);

    /// <summary>A blob, or null where it is gone.</summary>
    public async Task<UploadedBlob?> FindAsync(string path, CancellationToken cancel)
    {
        try
        {
            var found = (await _container.GetBlobClient(path).GetPropertiesAsync(cancellationToken: cancel)).Value;
            return new UploadedBlob(path, found.ContentLength, found.LastModified, found.ETag.ToString(), Refused(found.Metadata), IsFolder(found.Metadata));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>All blobs.</summary>
    public async IAsyncEnumerable<UploadedBlob> ListAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        if (!await _container.ExistsAsync(cancel)) yield break;
        await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }, cancel))
            yield return new UploadedBlob(blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.LastModified ?? default, blob.Properties.ETag.ToString()!, Refused(blob.Metadata), IsFolder(blob.Metadata));
    }

    /// <summary>Its bytes; null where it is another or gone meanwhile.</summary>
    public async Task<byte[]?> ReadAsync(UploadedBlob blob, CancellationToken cancel)
    {
        try
        {
            var options = new BlobDownloadOptions { Conditions = new BlobRequestConditions { IfMatch = new ETag(blob.Version) } };
            return (await _container.GetBlobClient(blob.Path).DownloadContentAsync(options, cancel)).Value.Content.ToArray();
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return null;
        }
    }

    /// <summary>Removes it, unless it is another meanwhile.</summary>
    public Task DeleteAsync(UploadedBlob blob, CancellationToken cancel) =>
        UnlessChangedAsync(() => _container.GetBlobClient(blob.Path).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions: new BlobRequestConditions { IfMatch = new ETag(blob.Version) }, cancellationToken: cancel));

    /// <summary>Notes at the blob why it cannot be submitted; it stays, and written anew it is tried anew.</summary>
    public Task RefuseAsync(UploadedBlob blob, string reason, CancellationToken cancel) => UnlessChangedAsync(() => _container.GetBlobClient(blob.Path).SetMetadataAsync(
        new Dictionary<string, string>(StringComparer.Ordinal) { [RefusedKey] = Uri.EscapeDataString(reason) },
        new BlobRequestConditions { IfMatch = new ETag(blob.Version) }, cancel));

    /// <summary>An address to which whoever has it may write this one blob, for a while: signed with a user-delegation key where this process has an identity, else with the account's key.</summary>
    /// <param name="path">The blob.</param>
    /// <param name="expires">Until when; at most 7 days ahead.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<Uri> AddressAsync(string path, DateTimeOffset expires, DateTimeOffset now, CancellationToken cancel)
    {
        await _container.CreateIfNotExistsAsync(cancellationToken: cancel);
        var blob = _container.GetBlobClient(path);
        var signature = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, expires)
        {
            BlobContainerName = Names.Uploads,
            BlobName = path,
            StartsOn = now - Skew,
            Protocol = blob.Uri.IsLoopback ? SasProtocol.HttpsAndHttp : SasProtocol.Https,
        };
        if (blob.CanGenerateSasUri) return blob.GenerateSasUri(signature);
        var key = (await account.Blobs.GetUserDelegationKeyAsync(new BlobGetUserDelegationKeyOptions(expires) { StartsOn = signature.StartsOn }, cancel)).Value;
        return new BlobUriBuilder(blob.Uri) { Sas = signature.ToSasQueryParameters(key, account.Blobs.AccountName) }.ToUri();
    }

    private static async Task UnlessChangedAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Written anew meanwhile: that has an event of its own.
        }
    }

    /// <summary>Accounts with folders show them as blobs.</summary>
    private static bool IsFolder(IDictionary<string, string>? metadata) => metadata is not null && metadata.ContainsKey("hdi_isfolder");

    private static string? Refused(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(RefusedKey, out var reason) ? Uri.UnescapeDataString(reason) : null;
}

/// <summary>A blob that was put into <see cref="Names.Uploads"/>.</summary>
/// <param name="Path">Its name in the container.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Written">When it was written last.</param>
/// <param name="Version">Its ETag.</param>
/// <param name="Refused">Why it cannot be submitted, where it was tried.</param>
/// <param name="IsFolder">Whether it is a folder, which holds nothing itself.</param>
public sealed record UploadedBlob(string Path, long Length, DateTimeOffset Written, string Version, string? Refused, bool IsFolder);
