using Perk.Core.Lora;

namespace Perk.Core.MetaLearning;

/// <summary>What has to be known of a checkpoint to submit documents and questions: ids follow from it, no weights are needed.</summary>
/// <param name="Checkpoint">The checkpoint id, 64 hexadecimal digits.</param>
/// <param name="ModelName">The base model's name.</param>
/// <param name="Lora">The adapter's shape.</param>
/// <param name="Settings">How documents are written; null for untrained meta-parameters, which leave all but the steps open.</param>
/// <param name="Steps">The inner steps that the meta-parameters are for.</param>
public sealed record ModelIdentity(string Checkpoint, string ModelName, LoraOptions Lora, CheckpointSettings? Settings, int Steps)
{
    /// <summary>Of a checkpoint's files, which are hashed; nothing is loaded. <see cref="ModelManifest.Identity"/> is the same of a pushed one.</summary>
    /// <exception cref="ModelFileException">A file is missing, or the settings are damaged.</exception>
    public static ModelIdentity Of(CheckpointSource source)
    {
        var settings = source.Settings();
        return new ModelIdentity(source.Id(), source.ModelName, settings?.Lora ?? source.Meta.Lora, settings, settings?.Inner.Steps ?? source.Meta.Steps);
    }
}
