using System.Text.Json;

namespace Perk.Cli.Tests.Functions;

/// <summary>What Event Grid puts into a queue, as its documentation shows it.</summary>
internal static class Events
{
    /// <summary>A blob was written; Event Grid's own schema. The address is as a client wrote it, signature included.</summary>
    public static byte[] Created(Uri blob) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = "831e1650-001e-001b-66ab-eeb76e069631",
        topic = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/perk/providers/Microsoft.Storage/storageAccounts/devstoreaccount1",
        subject = $"/blobServices/default/containers/uploads/blobs/{blob.AbsolutePath}",
        eventType = "Microsoft.Storage.BlobCreated",
        eventTime = "2026-11-26T08:00:00.1234567Z",
        dataVersion = "",
        metadataVersion = "1",
        data = new { api = "PutBlob", clientRequestId = "6d79dbfb", requestId = "831e1650", eTag = "\"0x8D4BCC2E4835CD0\"", contentType = "text/plain", contentLength = 524288, blobType = "BlockBlob", url = blob.GetLeftPart(UriPartial.Path), sequencer = "00000000000004420000000000028963" },
    });
}
