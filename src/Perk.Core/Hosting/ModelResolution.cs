using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Hosting;

/// <summary>From the settings to the model that a process serves.</summary>
public static class ModelResolution
{
    /// <summary>What the settings name: a checkpoint of the container <c>models</c>, folders, or the model that ships.</summary>
    /// <exception cref="ModelFileException">There is no such model, or a file is damaged.</exception>
    /// <exception cref="ArgumentException">The settings do not go together.</exception>
    /// <remarks>Containers of services are made synchronously: a manifest of the container <c>models</c> is waited for, once in a process.</remarks>
    public static ServedModel Resolve(ModelSettings settings, IObjectStore store)
    {
        if (settings.CheckpointId is { } id)
            return Task.Run(() => ServedModel.FromShelfAsync(store, id, model => EncodingOf(settings, model), settings.Device, settings.MaxMemoryMiB, CancellationToken.None)).GetAwaiter().GetResult();
        return ServedModel.From(SourceOf(settings), model => EncodingOf(settings, model), settings.Device, settings.MaxMemoryMiB);
    }

    /// <summary>The folders that the settings name.</summary>
    private static CheckpointSource SourceOf(ModelSettings settings) => settings switch
    {
        { Folder: null, Checkpoint: null } => ShippedModel.Source,
        { Folder: null } => ShippedModel.Source with { Folder = settings.Checkpoint },
        _ => new CheckpointSource { ModelFolder = settings.Folder, Folder = settings.Checkpoint },
    };

    /// <summary>How documents are written: as the checkpoint says, unless a setting does.</summary>
    private static EncodingOptions EncodingOf(ModelSettings settings, ModelIdentity model) => new()
    {
        Segmenter = new SegmenterOptions
        {
            MaxTokens = settings.SegmentTokens ?? model.Settings?.SegmentTokens ?? new SegmenterOptions().MaxTokens,
            Unit = settings.SegmentUnit ?? model.Settings?.SegmentUnit ?? SegmentUnit.Packed,
        },
        Inner = (model.Settings?.Inner ?? new InnerLoopOptions { Steps = model.Steps }) with { SegmentsPerMicroBatch = new InnerLoopOptions().SegmentsPerMicroBatch },
        ComputeType = settings.ComputeType ?? default,
    };
}
