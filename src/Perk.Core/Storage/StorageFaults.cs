using Azure;

namespace Perk.Core.Storage;

/// <summary>Sentences for the ways in which a storage account cannot be reached.</summary>
public static class StorageFaults
{
    /// <summary>What a storage account answered in the midst of work; null where the fault is another's.</summary>
    public static string? Explain(Exception fault) => Failed(fault) is not { } failed ? null
        : failed.Status > 0 ? $"The storage account answered {failed.Status} {failed.ErrorCode}: {FirstLine(failed)}"
        : $"The storage account can no longer be reached: {FirstLine(failed)}";

    internal static string Explain(Uri endpoint, Exception fault, bool local)
    {
        var failed = Failed(fault);
        return failed switch
        {
            { Status: 400, ErrorCode: "InvalidHeaderValue" } =>
                $"The storage emulator at {endpoint} refuses the API version of this program's storage library. Start it with "
                + "the option that lifts the check: azurite --skipApiVersionCheck",
            { Status: 401 or 403 } =>
                $"The storage account at {endpoint} refuses the credentials ({failed.ErrorCode ?? "no reason given"}). Check "
                + "the key or signature in the connection string, its expiry and the account's network rules.",
            { Status: > 0 } =>
                $"The storage account at {endpoint} answered {failed.Status} {failed.ErrorCode}: {FirstLine(failed)}",
            _ when local =>
                $"Nothing answers at {endpoint}. Start the storage emulator (azurite --skipApiVersionCheck; it comes with "
                + "Node.js by npm install -g azurite), or name another account in the connection string.",
            _ =>
                $"The storage account at {endpoint} cannot be reached: {FirstLine(failed ?? fault)} Check its name "
                + "and the network.",
        };
    }

    private static RequestFailedException? Failed(Exception fault) => fault as RequestFailedException
        ?? (fault as AggregateException)?.InnerExceptions.OfType<RequestFailedException>().LastOrDefault();

    private static string FirstLine(Exception fault) =>
        ((fault.InnerException as HttpRequestException)?.Message ?? fault.Message).Split('\n')[0].Trim();
}
