namespace Perk.Cli.Tests.Infra;

/// <summary>
/// What Azure's built-in roles allow of the storage services' requests ("Authorize access to blobs / queues using Microsoft Entra ID", permissions for data operations),
/// as far as this program makes them.
/// </summary>
internal static class AccessRules
{
    public const string BlobContributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    public const string BlobReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
    public const string BlobDelegator = "db58b8e5-c6ad-4a2a-8342-4190687cbf4a";
    public const string QueueContributor = "974c5e8b-45b9-4653-ba55-5f855dd0fb88";
    public const string QueueReader = "19e7f393-937e-4f77-808e-94535e297925";
    public const string QueueSender = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a";

    /// <summary>What a request is about and does.</summary>
    /// <param name="service"><c>containers</c> or <c>queues</c>.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path behind the account's name.</param>
    /// <param name="query">The query string.</param>
    public static (string On, StorageAct Act) Of(string service, string method, string path, string query)
    {
        var parts = path.Trim('/').Split('/', 3);
        if (query.Contains("comp=tags", StringComparison.Ordinal)) return ($"{service}/{parts[0]}", StorageAct.Account); // an owner's
        if (parts[0].Length == 0) return ("storageAccounts", query.Contains("userdelegationkey", StringComparison.Ordinal) ? StorageAct.Delegate : StorageAct.Account);
        var act = (service, method) switch
        {
            ("containers", "GET" or "HEAD") => StorageAct.Read,
            ("queues", "GET" or "HEAD") when parts.Length == 1 || query.Contains("peekonly=true", StringComparison.OrdinalIgnoreCase) => StorageAct.Read,
            ("queues", "GET") => StorageAct.Process,
            ("queues", "POST") when parts.Length == 2 => StorageAct.Send,
            ("queues", "DELETE") when parts.Length == 3 => StorageAct.Process,
            _ => StorageAct.Write,
        };
        return ($"{service}/{parts[0]}", act);
    }

    /// <summary>Whether a role allows an act on what it is given for.</summary>
    public static bool Allows(string role, StorageAct act) => role switch
    {
        BlobContributor => act is StorageAct.Read or StorageAct.Write,
        BlobReader => act is StorageAct.Read,
        BlobDelegator => act is StorageAct.Delegate,
        QueueContributor => act is StorageAct.Read or StorageAct.Write or StorageAct.Send or StorageAct.Process,
        QueueReader => act is StorageAct.Read,
        QueueSender => act is StorageAct.Send,
        _ => false,
    };
}

/// <summary>What a request does.</summary>
internal enum StorageAct
{
    /// <summary>Reads a blob, lists a container, looks at a queue.</summary>
    Read,

    /// <summary>Writes or deletes a blob or its lease, or a queue.</summary>
    Write,

    /// <summary>Puts a message.</summary>
    Send,

    /// <summary>Takes or deletes a message.</summary>
    Process,

    /// <summary>Asks for a key to sign addresses with.</summary>
    Delegate,

    /// <summary>Lists containers or queues, or reads the account's properties: no role on a container or queue allows it.</summary>
    Account,
}
