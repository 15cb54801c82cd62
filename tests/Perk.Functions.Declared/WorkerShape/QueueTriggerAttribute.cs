using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Runs a function for each message of a storage queue. Shape of
/// <c>extensions/Worker.Extensions.Storage.Queues/src/QueueTriggerAttribute.cs</c>, package
/// Microsoft.Azure.Functions.Worker.Extensions.Storage.Queues 5.5.5 (commit 624ce0e9).
/// </summary>
/// <remarks>
/// There the class also names its input converters (<c>QueueMessageConverter</c>, <c>QueueMessageBinaryDataConverter</c>,
/// then the worker's own), so that a parameter may be a <c>QueueMessage</c>, <c>BinaryData</c>, <c>string</c> or a record.
/// </remarks>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class QueueTriggerAttribute(string queueName) : TriggerBindingAttribute
{
    /// <summary>The queue, or a <c>%Setting%</c> that names it; <c>QueueTriggerAttribute.cs</c> as above.</summary>
    public string QueueName { get; } = queueName;

    /// <summary>The setting, or section of settings, with the connection; <c>QueueTriggerAttribute.cs</c> as above.</summary>
    public string? Connection { get; set; }
}
