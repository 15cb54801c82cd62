using System.Text.RegularExpressions;
using Perk.Core.Storage;

namespace Perk.Core.Settings;

/// <summary>A storage account: by its connection string, or by its name and the identity of this process, as in Azure Functions.</summary>
public sealed partial record StorageSettings
{
    /// <summary>The setting's key; the identity's are this with <c>__accountName</c> and the like.</summary>
    public const string Key = "PerkStorage";

    /// <summary>The connection string; null where an identity is used. The emulator's where nothing is set.</summary>
    public string? ConnectionString { get; init; } = StorageAccount.Emulator;

    /// <summary>The blob endpoint, where an identity is used.</summary>
    public Uri? Blobs { get; init; }

    /// <summary>The queue endpoint, where an identity is used.</summary>
    public Uri? Queues { get; init; }

    /// <summary>Whether only a managed identity will do, not a developer's sign-in.</summary>
    public bool ManagedIdentity { get; init; }

    /// <summary>The client id of a user-assigned identity; null for the system-assigned one.</summary>
    public string? ClientId { get; init; }

    /// <summary>Shows no key.</summary>
    public override string ToString() => ConnectionString is null ? $"{Blobs} and {Queues} by identity" : "a connection string";

    internal static StorageSettings Read(SettingsReader read)
    {
        var (connection, name) = (read.Text(Key), read.Text(Key + "__accountName"));
        var (blobs, queues) = (read.Address(Key + "__blobServiceUri"), read.Address(Key + "__queueServiceUri"));
        var (credential, client) = (read.Text(Key + "__credential"), read.Text(Key + "__clientId"));
        if (credential is not (null or "managedidentity")) read.Fault(Key + "__credential", "must be managedidentity, or left out for any identity that is signed in."); // Values are not shown: a key may have been put there.
        if (name is not null && !AccountName().IsMatch(name)) read.Fault(Key + "__accountName", "is no storage account's name, which has 3 to 24 lower-case letters and digits.");
        var identity = name is not null || blobs is not null || queues is not null;
        if (!identity && (credential is not null || client is not null)) read.Fault(Key + "__accountName", "is missing; an identity needs the account's name, or both addresses.");
        if (connection is not null && identity) read.Fault(Key, "is set, and an account for an identity too; leave one of them out.");
        if (connection is not null && StorageAccount.ConnectionStringFault(connection) is { } fault) read.Fault(Key, fault);
        if (name is null && (blobs is null) != (queues is null))
            read.Fault(Key + (blobs is null ? "__blobServiceUri" : "__queueServiceUri"), "is missing; both addresses are needed, or the account's name alone.");
        return !identity ? new StorageSettings { ConnectionString = connection ?? StorageAccount.Emulator } : new StorageSettings
        {
            ConnectionString = null,
            Blobs = blobs ?? Endpoint(name, "blob"),
            Queues = queues ?? Endpoint(name, "queue"),
            ManagedIdentity = credential is not null,
            ClientId = client,
        };
    }

    private static Uri? Endpoint(string? account, string kind) =>
        account is not null && AccountName().IsMatch(account) ? new Uri($"https://{account}.{kind}.core.windows.net") : null;

    [GeneratedRegex("^[a-z0-9]{3,24}$")]
    private static partial Regex AccountName();
}
