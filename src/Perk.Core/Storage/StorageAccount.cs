using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Perk.Core.Settings;

namespace Perk.Core.Storage;

/// <summary>The blobs and queues of one storage account, or of the emulator.</summary>
public sealed class StorageAccount
{
    /// <summary>The connection string of an emulator on its usual ports.</summary>
    public const string Emulator = "UseDevelopmentStorage=true";

    private StorageAccount(
        bool local, Func<BlobClientOptions, BlobServiceClient> blobs, Func<QueueClientOptions, QueueServiceClient> queues, HttpPipelinePolicy? policy)
    {
        var blobOptions = new BlobClientOptions();
        var queueOptions = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        queueOptions.MessageDecodingFailed += PoisonUndecodableAsync;
        foreach (var options in (ClientOptions[])[blobOptions, queueOptions])
        {
            if (local) Hasten(options.Retry);
            if (policy is not null) options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        }

        Blobs = blobs(blobOptions);
        Queues = queues(queueOptions);
        Objects = new BlobStore(Blobs);
    }

    /// <summary>The account's blobs.</summary>
    public BlobServiceClient Blobs { get; }

    /// <summary>The account's queues; bodies are base64 on the wire.</summary>
    public QueueServiceClient Queues { get; }

    /// <summary>The account's blobs as an object store.</summary>
    public BlobStore Objects { get; }

    /// <summary>Makes the clients; nothing is sent.</summary>
    /// <exception cref="StorageUnavailableException">The connection string is malformed.</exception>
    public static StorageAccount FromConnectionString(string connectionString) => FromConnectionString(connectionString, null);

    /// <summary>Makes the clients; nothing is sent.</summary>
    /// <param name="settings">The account, as its settings name it.</param>
    /// <exception cref="StorageUnavailableException">The connection string is malformed.</exception>
    public static StorageAccount From(StorageSettings settings)
    {
        if (settings.ConnectionString is { } connection) return FromConnectionString(connection);
        TokenCredential identity = settings.ManagedIdentity
            ? new ManagedIdentityCredential(settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings.ClientId });
        return FromIdentity(settings, identity, null);
    }

    /// <summary>Makes the clients for an identity, with a step of the caller's own in every request.</summary>
    internal static StorageAccount FromIdentity(StorageSettings settings, TokenCredential identity, HttpPipelinePolicy? policy) =>
        new(local: false, o => new BlobServiceClient(settings.Blobs, identity, o), o => new QueueServiceClient(settings.Queues, identity, o), policy);

    /// <summary>Asks the account for a sign of life; an emulator must give it within seconds.</summary>
    /// <returns>The account.</returns>
    /// <exception cref="StorageUnavailableException">It cannot be used; the message says why and what to do.</exception>
    public async Task<StorageAccount> RequireAsync(CancellationToken cancellationToken)
    {
        var documents = Blobs.GetBlobContainerClient(Names.Documents);
        await AskAsync(Blobs.Uri, () => documents.ExistsAsync(cancellationToken));
        await AskAsync(Queues.Uri, () => Queue(Names.EncodeQueue).ExistsAsync(cancellationToken));
        return this;
    }

    /// <summary>Makes the clients and asks for a sign of life.</summary>
    /// <exception cref="StorageUnavailableException">The account cannot be used; the message says why and what to do.</exception>
    public static Task<StorageAccount> ConnectAsync(string connectionString, CancellationToken cancellationToken) =>
        FromConnectionString(connectionString).RequireAsync(cancellationToken);

    /// <summary>What is wrong with a connection string, as the end of a sentence; null where nothing is.</summary>
    internal static string? ConnectionStringFault(string connectionString)
    {
        try
        {
            _ = new BlobServiceClient(connectionString);
            _ = new QueueServiceClient(connectionString);
            return null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // The library's message may repeat the string and with it the key.
            return $"is malformed. It must be '{Emulator}' or of the form "
                + "'DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net', "
                + "or name BlobEndpoint and QueueEndpoint.";
        }
    }

    /// <summary>Makes the clients with a step of the caller's own in every request and its repetitions.</summary>
    internal static StorageAccount FromConnectionString(string connectionString, HttpPipelinePolicy? policy)
    {
        if (ConnectionStringFault(connectionString) is { } fault) throw new StorageUnavailableException($"The storage connection string {fault}");
        var local = IsLocal(new BlobServiceClient(connectionString).Uri);
        return new StorageAccount(local, o => new BlobServiceClient(connectionString, o), o => new QueueServiceClient(connectionString, o), policy);
    }

    /// <summary>The client of a queue.</summary>
    public QueueClient Queue(string name) => Queues.GetQueueClient(name);

    /// <summary>Creates the queues and their poison queues where they are missing.</summary>
    public async Task EnsureQueuesAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names.Queues)
        {
            await Queue(name).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await Queue(Names.PoisonOf(name)).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
    }

    /// <summary>Sends a message that never expires; the queue is made where it is missing.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="body">The body, before base64.</param>
    /// <param name="delay">How long it stays hidden, 0 to 7 days.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        var client = Queue(queue);
        try
        {
            await SendAsync();
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            await client.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            await SendAsync();
        }

        Task SendAsync() => client.SendMessageAsync(new BinaryData(body), delay, QueueListener.Forever, cancellationToken);
    }

    private static async Task AskAsync(Uri endpoint, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (AuthenticationFailedException e)
        {
            throw new StorageUnavailableException(
                $"No identity could be used for {endpoint}: {e.Message.Split('\n')[0].Trim()} Sign in (az login), give the app a managed identity with "
                + $"the roles Storage Blob Data Contributor and Storage Queue Data Contributor, or set {StorageSettings.Key} to a connection string.", e);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            throw new StorageUnavailableException(StorageFaults.Explain(endpoint, e, IsLocal(endpoint)), e);
        }
    }

    private static bool IsLocal(Uri endpoint) => endpoint.IsLoopback;

    /// <summary>Nothing on this machine comes up by waiting half a minute for it.</summary>
    private static void Hasten(RetryOptions retry)
    {
        retry.MaxRetries = 3;
        retry.Delay = TimeSpan.FromMilliseconds(200);
        retry.MaxDelay = TimeSpan.FromSeconds(1);
        retry.NetworkTimeout = TimeSpan.FromSeconds(30);
    }

    /// <summary>
    /// A body that is not base64 would make every receive fail, for the messages after it too: it is poisoned at once.
    /// </summary>
    private async Task PoisonUndecodableAsync(QueueMessageDecodingFailedEventArgs failed)
    {
        if (failed.ReceivedMessage is not { } message) return;
        if (!Names.IsPoison(failed.Queue.Name)) // A sweep that reads a poison queue must not make another one.
        {
            var poison = Queue(Names.PoisonOf(failed.Queue.Name));
            await poison.CreateIfNotExistsAsync(cancellationToken: failed.CancellationToken);
            await poison.SendMessageAsync(message.Body, null, QueueListener.Forever, failed.CancellationToken);
        }

        await DeadLetter.SaveAsync(
            Objects, failed.Queue.Name, message.MessageId, message.Body.ToMemory(), "The body is not base64. Encode the JSON message as base64.",
            TimeProvider.System.GetUtcNow(), failed.CancellationToken);
        await failed.Queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, failed.CancellationToken);
    }
}
